/** The program `sct`, started by bin/sct. */
import { ExitCode } from "./exit-codes.ts";
import { startsCommand } from "./starts-command.ts";

const argv = process.argv.slice(2);

if (startsCommand(argv[0])) void import("./run-main.ts");
else {
  // a reader that went away, as in `sct syscalls | head`, is not an error
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(ExitCode.good);
    process.stderr.write(`sct: cannot write to standard output: ${error.message}\n`);
    process.exit(ExitCode.machine);
  });
  // only now: what it imports may touch the standard streams
  void import("./program.ts")
    .then(({ runProgram }) => runProgram(argv))
    .then((status) => {
      process.exitCode = status;
    });
}
