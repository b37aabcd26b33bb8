/** `sct syscalls`: what rules may name, and what a name covers. */
import type { CliCommand } from "../command.ts";

export const syscalls: CliCommand = {
  usage: "[NAME|@CLASS]... [--json]",
  about: `Without an argument, print all system calls and classes that a rule may name. With a name, print its
parameters as rules see them, and the calls that it covers with their numbers. With a class, print
the names it stands for.`,
  options: [{ name: "json", help: "print JSON, one object a line; a parameter has its members" }],
  operands: "call",
  examples: ["sct syscalls unlink", "sct syscalls @delete"],
  run: async (args) => (await import("../syscalls/run.ts")).runSyscalls(args),
};
