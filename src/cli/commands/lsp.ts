/** `sct lsp`: the language server for editors. */
import type { CliCommand } from "../command.ts";

export const lsp: CliCommand = {
  usage: "[--stdio]",
  about: `Serve the Language Server Protocol on standard input and output, for editors. While one types they
show what 'sct check' reports, cures, completion, what words mean, and where names are. They
rename, format, and run tests from a line above each. See docs/editors.md for how they start it.`,
  options: [{ name: "stdio", help: "for editors that ask for it: there is no other way" }],
  examples: ["sct lsp"],
  run: async () => {
    (await import("../lsp/run.ts")).runLsp();
    // the connection ends the process
    return new Promise(() => {});
  },
};
