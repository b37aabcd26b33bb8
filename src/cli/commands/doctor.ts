/** `sct doctor`: what this machine can do, what that means, what to change. */
import type { CliCommand } from "../command.ts";

export const doctor: CliCommand = {
  usage: "[--json]",
  about: `Try what the kernel engine needs and could use, in small and without a trace. Report what each
means for rules, and what would change it. Exit status 3 when rules cannot be watched here.`,
  options: [{ name: "json", help: "print one JSON object" }],
  examples: ["sudo sct doctor"],
  run: async (args) => (await import("../doctor/run.ts")).runDoctor(args),
};
