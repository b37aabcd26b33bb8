/** `sct why`: what rules decide about a file or an address, without running anything. */
import type { CliCommand } from "../command.ts";
import { ruleOptions } from "../rule-options.ts";

export const why: CliCommand = {
  usage:
    "PATH|ADDRESS (-f FILE | -e RULE)... [--pack NAME] [--use USE] [--as VALUES] [--json] [--allow WARNING]...",
  about: `Say for each use of PATH or ADDRESS what the rules decide, by which line, and what to add to a
policy to allow it. Nothing is run and no call is made. ADDRESS is 10.0.0.1:443, [::1]:443 or
example.org:443; a unix socket is PATH or @NAME. Exit status 1 when a use is denied.`,
  options: [
    ...ruleOptions,
    { name: "pack", value: "NAME", help: "take the rules of a pack, as 'sct run' does" },
    {
      name: "use",
      value: "USE",
      help: "only this: read, write, names, execute, attributes, connect, listen or unix",
    },
    {
      name: "as",
      value: "VALUES",
      help: `by which program, as in tests: --as 'COMM = "npm", UID = 33'`,
    },
    { name: "json", help: "print one JSON object" },
  ],
  operands: "file",
  examples: [
    "sct why /etc/shadow -f examples/build-policy.conf",
    "sct why 10.0.0.1:443 --use connect -f examples/build-policy.conf",
  ],
  run: async (args) => (await import("../why/run.ts")).runWhy(args),
};
