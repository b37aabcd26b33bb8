/**
 * The program `sct run`, started by bin/sct. It stands before every command of its user: what other commands need would make
 * it start later, so it is a program of its own, which knows this one command.
 */
import { usePlainStreams } from "./run/plain-streams.ts";

usePlainStreams();

// only now: what they import may touch the standard streams
void Promise.all([import("./carry-out.ts"), import("./commands/run.ts")])
  .then(([{ carryOut }, { run }]) => carryOut("run", run, process.argv.slice(3)))
  .then((status) => {
    process.exitCode = status;
  });
