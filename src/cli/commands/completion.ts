/** `sct completion`: command lines of sct completed by the shell. */
import type { CliCommand, CommandTable } from "../command.ts";

/** It writes about all commands, so it is given them. */
export const completionCommand = (table: CommandTable): CliCommand => ({
  usage: "bash|zsh|fish|--rules",
  about: `Print a script that makes the shell complete commands, options and values of sct and its classic
names. The Debian package installs it. Elsewhere put the line of the example into the file that
the shell reads when it starts: ~/.bashrc, ~/.zshrc (behind compinit). For fish put
'sct completion fish | source' into ~/.config/fish/config.fish.`,
  options: [{ name: "rules", help: "print the names of loaded rules instead, for these scripts" }],
  operands: ["bash", "zsh", "fish"],
  examples: ["source <(sct completion bash)"],
  run: async (args) => (await import("../completion/run.ts")).runCompletion(args, table),
});
