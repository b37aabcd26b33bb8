/** `sct count`: calls counted in the kernel, for the whole machine. */
import type { CliCommand } from "../command.ts";
import { allowOption } from "../rule-options.ts";

export const count: CliCommand = {
  usage: "RULE... [--for TIME] [--json] [--allow WARNING]...",
  about: `Count system calls of all processes in the kernel, and print the tables when TIME is over, or at
Ctrl-C. A RULE is CALLS [if EXPRESSION] [by VALUE, ...] [sum NUMBER, ...] [hist NUMBER, ...]. Without
'by' all calls are counted together. 'sum' adds a number of the calls up, 'hist' sorts it into a
histogram by powers of two. RETVAL is the result of a call, DURATION the nanoseconds that it took.
See docs/counting.md. Needs root.`,
  options: [
    { name: "for", value: "TIME", help: "stop after TIME, such as 10s, 5m, 2h" },
    { name: "json", help: "print a JSON object for each rule (see docs/counting.md)" },
    allowOption,
  ],
  operands: "call",
  examples: [
    "sudo sct count openat by COMM --for 10s",
    "sudo sct count 'read if RETVAL >= 0 by COMM sum RETVAL' --for 10s",
    "sudo sct count '@all by SNAME' --for 10s",
    "sudo sct count 'fsync hist DURATION'",
  ],
  run: async (args) => (await import("../count/run.ts")).runCount(args),
};
