import type { Option } from "./command.ts";

/** Of all commands that check rules. */
export const allowOption: Option = {
  name: "allow",
  value: "WARNING",
  help: "do not warn of WARNING, the word in brackets behind it; in a file: '# sct: allow WARNING'",
};

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
  allowOption,
];
