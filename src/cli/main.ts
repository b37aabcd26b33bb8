/** The program `sct`, started by bin/sct. */
import { runProgram } from "./program.ts";

// a reader that went away, as in `sct syscalls | head`, is not an error
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runProgram(process.argv.slice(2));
