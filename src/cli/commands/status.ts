/** `sct status`: rules in force with their counters, and how the service is. */
import type { CliCommand } from "../command.ts";
import { stateDirOption } from "../service/instance.ts";

export const status: CliCommand = {
  usage: "[--json] [--measure TIME] [--state-dir DIR]",
  about: `Print the state of the service and, for each rule in force, how often it matched and how much was
not reported. For the columns, see docs/service.md. Needs root.`,
  options: [
    { name: "json", help: "print one JSON object" },
    {
      name: "measure",
      value: "TIME",
      help: "let the kernel measure for TIME, such as 5s, how long programs of rules run",
    },
    stateDirOption,
  ],
  examples: ["sudo sct status", "sudo sct status --measure 5s"],
  run: async (args) => (await import("../service/status.ts")).runStatus(args),
};
