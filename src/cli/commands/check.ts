/** `sct check`: diagnostics, and with --explain what a rule sees and does on this machine. */
import type { CliCommand } from "../command.ts";
import { allowOption } from "../rule-options.ts";

export const check: CliCommand = {
  usage: "FILE... [--explain] [--rules] [--json] [--allow WARNING]...",
  about: `Check the rule files together, as they would be loaded, and print all errors and warnings.
Runs without privilege, anywhere. Exit status 1 when there is an error, and with --explain also
when a rule cannot be loaded here. A FILE that ends in .toml is a configuration of the service.`,
  options: [
    allowOption,
    { name: "explain", help: "show for each rule how it is observed and enforced here" },
    { name: "rules", help: "print the rules, with those that policies stand for in their place" },
    { name: "json", help: "print one JSON object" },
  ],
  operands: "file",
  examples: ["sct check examples/article1.conf", "sct check --explain examples/ptrace.conf"],
  run: async (args) => (await import("../check/run.ts")).runCheck(args),
};
