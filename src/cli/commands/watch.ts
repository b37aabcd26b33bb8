/** `sct watch`: the kernel engine in the foreground. */
import type { CliCommand } from "../command.ts";
import { ruleOptions } from "../rule-options.ts";

export const watch: CliCommand = {
  usage:
    "[-f FILE]... [-e RULE]... [RULE]... [--allow WARNING]... [--json] [--for TIME] [--buffer SIZE] [--latency TIME] [--seed N] [-v]",
  about: `Load the rules into the kernel and print a line for each system call that matches one, of any
process. Ctrl-C or the end of TIME stops it. A RULE is short: CALLS [if EXPRESSION] [then ACTION]. At the
end the rules are removed. Processes that a SUSPEND rule has stopped stay stopped: 'kill -CONT PID'
lets them continue. The last lines on standard error name them. They also report what was lost or
left out, if anything was. Needs root.`,
  options: [
    ...ruleOptions,
    { name: "json", help: "print JSON, one object a line (see docs/events.md)" },
    { name: "for", value: "TIME", help: "stop after TIME, such as 10s, 5m, 2h" },
    { name: "buffer", value: "SIZE", help: "size of the kernel's event buffer, such as 64M" },
    {
      name: "latency",
      value: "TIME",
      help: "let events gather for up to TIME (10ms) before they are read: cheaper for who makes the calls",
    },
    {
      name: "seed",
      value: "N",
      help: "make the choices of `chance` that N stands for, one after the other",
    },
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
