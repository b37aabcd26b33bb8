import type { Option } from "./command.ts";

/** Options of the commands that take rules; src/cli/rules.ts reads them. */
export const ruleOptions: readonly Option[] = [
  { name: "file", short: "f", value: "FILE", help: "take rules from FILE; - is standard input" },
  {
    name: "rule",
    short: "e",
    value: "RULE",
    help: "take RULE, written as in a file, or short: CALLS [if EXPRESSION] [then ACTION]",
    completes: "call",
  },
];
