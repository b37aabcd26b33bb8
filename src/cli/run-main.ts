/**
 * The program `sct run`, started by bin/sct. It stands before every command of its user: what other commands need would make
 * it start later, so it is a program of its own, which knows this one command, and `sct learn`, which runs commands as it does.
 */
import { usePlainStreams } from "./run/plain-streams.ts";

usePlainStreams();

// only now: what they import may touch the standard streams
const [name, ...words] = process.argv.slice(2);
const command = async () => {
  if (name === "learn") return (await import("./commands/learn.ts")).learn;
  if (name === "trace") return (await import("./commands/trace.ts")).trace;
  return (await import("./commands/run.ts")).run;
};
void Promise.all([import("./carry-out.ts"), command()])
  .then(([{ carryOut }, loaded]) => carryOut(name ?? "run", loaded, words))
  .then((status) => {
    process.exitCode = status;
  });
