/** `sct test`: the test blocks of rule files, with the reference meaning of the language and no kernel. */
import type { CliCommand } from "../command.ts";
import { allowOption } from "../rule-options.ts";

export const test: CliCommand = {
  usage: "FILE... [--allow WARNING]...",
  about: `Run the test blocks of each rule file against the rules of that file and of those that it includes.
Nothing is loaded and no call is made, so it runs without privilege, anywhere. Exit status 1 when a
test fails.`,
  options: [allowOption],
  operands: "file",
  examples: ["sct test examples/passwd.conf"],
  run: async (args) => (await import("../test/run.ts")).runTest(args),
};
