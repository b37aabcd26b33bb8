/** `sct trace`: strace's command line, lines and exit status. */
import type { CliCommand } from "../command.ts";

export const trace: CliCommand = {
  usage: "[-f] [-o FILE] [-p PID]... [--trace SET] [-c] [OPTION]... [PROG [ARG]...]",
  about: `Trace the system calls and signals of PROG, or of processes that run already, with the options
and the output of strace 6.1. 'sctrace' is the same, and 'sctrace -h' lists all options. See docs/trace.md. The
exit status is that of PROG; a signal that ends PROG ends sct trace too.`,
  options: [
    { name: "follow-forks", short: "f", help: "trace child processes and threads too" },
    { name: "output", short: "o", value: "FILE", help: "write lines to FILE" },
    { name: "attach", short: "p", value: "PID", help: "trace a process that runs already" },
    { name: "trace", value: "SET", help: "trace only these calls, as -e trace=SET does" },
    { name: "summary-only", short: "c", help: "count calls, and print a table" },
  ],
  operands: "command",
  examples: ["sct trace -f -o make.trace make", "sct trace -e trace=%file ls", "sct trace -c ls"],
  run: async () => {
    throw new Error("its words are read by its own rules");
  },
  runWords: async (words) => (await import("../trace/run.ts")).runTrace(words),
};
