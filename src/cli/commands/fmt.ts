/** `sct fmt`: rule files in one layout. */
import type { CliCommand } from "../command.ts";

export const fmt: CliCommand = {
  usage: "[--check] [FILE...]",
  about: `Rewrite rule files in one layout, with their comments. What they mean stays the same. The names
of files that change are printed. Without FILE, or where it is -, standard input is formatted to
standard output. A file with an error of syntax is reported and left as it is: exit status 1.`,
  options: [{ name: "check", help: "change nothing; exit status 1 when a file would change" }],
  operands: "file",
  examples: ["sct fmt examples/*.conf", "sct fmt --check /etc/syscalltrack/rules.d/*.conf"],
  run: async (args) => (await import("../fmt/run.ts")).runFmt(args),
};
