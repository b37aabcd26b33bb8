/** `sct watch`: the kernel engine in the foreground. */
import type { Command } from "../command.ts";
import { ruleOptions } from "../rule-options.ts";

export const watch: Command = {
  usage:
    "[-f FILE]... [-e RULE]... [RULE]... [--allow WARNING]... [--json] [--for TIME] [--buffer SIZE] [-v]",
  about: `Load the rules into the kernel and print a line on standard output for each system call of
any process that matches one, until Ctrl-C or the end of TIME. A RULE is short:
CALLS [if EXPRESSION] [then ACTION]. Nothing stays behind but processes
that a SUSPEND rule has stopped: 'kill -CONT PID' lets them go on. The last lines on standard
error name them, and tell what was lost or left out, if anything was. Needs root.`,
  options: [
    ...ruleOptions,
    { name: "json", help: "print JSON, one object a line (see docs/events.md)" },
    { name: "for", value: "TIME", help: "stop after TIME, such as 10s, 5m, 2h" },
    { name: "buffer", value: "SIZE", help: "size of the kernel's event buffer, such as 64M" },
    {
      name: "verbose",
      short: "v",
      help: "if the kernel refuses a program, print all that its verifier says",
    },
  ],
  operands: "call",
  examples: [
    "sudo sct watch -f examples/article1.conf",
    "sudo sct watch --for 10s unlink",
    "sudo sct watch 'open if PATH startswith \"/etc/\"'",
  ],
  run: async (args) => (await import("../watch/run.ts")).runWatch(args),
};
