/** `sct config`: the rules in force. */
import type { CliCommand } from "../command.ts";
import { allowOption } from "../rule-options.ts";
import { stateDirOption } from "../service/instance.ts";

export const config: CliCommand = {
  usage: "COMMAND [FILE|NAME]... [--allow WARNING]... [--revert-after TIME] [--state-dir DIR]",
  about: `Change or print the rules in force. A change is made whole or not at all, takes effect in one
step, and is kept over a reboot. Needs root.`,
  subcommands: [
    { name: "upload", help: "add the rules of FILEs behind those in force", operands: "file" },
    { name: "download", help: "print the rules in force, so that they can be uploaded again" },
    {
      name: "delete",
      help: "delete all rules, or those called NAME; * for any text",
      operands: "rule",
    },
    {
      name: "replace",
      help: "replace all rules by those of FILEs",
      operands: "file",
    },
    {
      name: "diff",
      help: "print what 'replace' would change; exit status 1 if anything",
      operands: "file",
    },
    { name: "confirm", help: "keep what 'replace --revert-after' has put in force" },
  ],
  options: [
    {
      name: "revert-after",
      value: "TIME",
      help: "with replace: revert the change after TIME, such as 60s, unless confirmed",
    },
    { ...allowOption, help: `with upload, replace, diff: ${allowOption.help}` },
    stateDirOption,
  ],
  examples: [
    "sudo sct config upload examples/article1.conf",
    "sudo sct config replace --revert-after 60s examples/ptrace.conf",
  ],
  run: async (args) => (await import("../service/config.ts")).runConfig(args),
};
