/** `sct run`: the supervised engine over one command. */
import type { CliCommand } from "../command.ts";
import { ruleOptions } from "../rule-options.ts";

export const run: CliCommand = {
  usage:
    "[-f FILE]... [-e RULE]... [--pack PACK]... [--deny CALLS]... [--allow WARNING]... [-o FILE] [--json] [--json-fd N] [-q] [--report FILE] [--seed N] [--ask] -- CMD [ARG]...",
  about: `Run CMD under the rules, which hold for it and for every process that it starts. Needs no
privileges. Log lines are printed on standard error or into the file of -o. The exit status is that
of CMD, or 128 plus the number of the signal that ended it. It is 125 when sct itself fails, 126 when
CMD cannot be executed, 127 when it is not found.`,
  options: [
    ...ruleOptions,
    {
      name: "pack",
      value: "PACK",
      completes: ["agent", "ci", "npm", "offline"],
      help: "take the rules of a pack: agent, ci, npm, offline, or a file; lists of -f are added to its lists",
    },
    {
      name: "deny",
      value: "CALLS",
      completes: "call",
      help: "deny CALLS (names or classes such as @network) with 'Permission denied'; 'if EXPRESSION' may follow",
    },
    {
      name: "output",
      short: "o",
      value: "FILE",
      help: "write log lines to FILE; - is standard output (CMD then writes its own to standard error)",
    },
    { name: "json", help: "print JSON, one object a line (see docs/events.md)" },
    { name: "json-fd", value: "N", help: "print JSON to descriptor N, which CMD does not get" },
    {
      name: "quiet",
      short: "q",
      help: "do not print at the end what was denied, nor lines of what Landlock holds alone",
    },
    {
      name: "report",
      value: "FILE",
      help: "write into FILE what each process did and was denied, and what would allow it: a page if FILE ends in .html, else JSON",
    },
    {
      name: "seed",
      value: "N",
      help: "make the choices of `chance` that N stands for; without it, the one in use is printed",
    },
    {
      name: "ask",
      help: "ask on the terminal before calls are denied, and how to decide on suspended ones (docs/asking.md)",
    },
  ],
  operands: "command",
  failure: 125,
  examples: [
    "sct run -f examples/article1.conf -- rm ./dummy",
    "sct run --deny @network -- npm ci",
    "sct run --pack npm -- npm ci",
    "sct run --report run.html -- make",
    "sct run --ask --pack agent -- bash",
    "sct run --json -o - -e execve -- make | jq .exe",
    "sct run -e 'open if RETVAL < 0' -- make",
  ],
  run: async (args) => (await import("../run/run.ts")).runCommand(args),
};
