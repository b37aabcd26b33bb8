/** The program `sct`, started by bin/sct. */
import { runProgram } from "./program.ts";

const argv = process.argv.slice(2);

// Touching Node's standard streams makes pipes non-blocking, also for a command that `sct run` lets share them
if (argv[0] !== "run") {
  // a reader that went away, as in `sct syscalls | head`, is not an error
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}

process.exitCode = await runProgram(argv);
