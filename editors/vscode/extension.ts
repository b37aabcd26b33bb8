/** The extension for Visual Studio Code: colours are in the grammar, all else comes from `sct lsp`. */
import { type ExtensionContext, window, workspace } from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

/** Called by the editor with the first rule file. */
export async function activate(context: ExtensionContext): Promise<void> {
  const command = workspace.getConfiguration("syscalltrack").get("sct", "sct");
  client = new LanguageClient(
    "syscalltrack",
    "syscalltrack",
    { command, args: ["lsp"] },
    { documentSelector: [{ language: "syscalltrack" }] },
  );
  context.subscriptions.push(client);
  try {
    await client.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const cure = "The setting syscalltrack.sct says which program it is.";
    await window.showErrorMessage(`'${command}' does not start: ${reason}. ${cure}`);
  }
}

/** Called by the editor before it ends. */
export async function deactivate(): Promise<void> {
  await client?.stop();
}
