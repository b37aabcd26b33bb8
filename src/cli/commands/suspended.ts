/** `sct suspended`: the queue of processes that SUSPEND rules have stopped. */
import type { CliCommand } from "../command.ts";

export const suspended: CliCommand = {
  usage: "[list] [--json] | resume|fail|kill PID...|--all",
  about: `List the processes that SUSPEND rules of the kernel engine have stopped, or decide on them. 'resume'
lets the call run, 'fail' lets it fail with EPERM before it has any effect, 'kill' ends the process.
A process continues as a whole. Works for rules of 'sct watch' and of the service, and for pinned rules
whose service is gone. Needs root. Exit status 1 when a decision could not be carried out.`,
  subcommands: [
    { name: "list", help: "list the waiting threads, longest first; the default" },
    { name: "resume", help: "let the calls run" },
    { name: "fail", help: "let the calls fail with EPERM" },
    { name: "kill", help: "end the processes" },
  ],
  operands: [],
  options: [
    { name: "all", help: "decide on all that are listed" },
    { name: "json", help: "list as JSON, one object a line" },
  ],
  examples: ["sudo sct suspended", "sudo sct suspended resume --all"],
  run: async (args) => (await import("../suspended/run.ts")).runSuspended(args),
};
