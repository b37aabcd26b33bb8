/** Error answers of the service, reported as the command's own. */
import { escapeControls } from "../../base/escape.ts";
import { paintDiagnostic } from "../../base/print-diagnostic.ts";
import type { ErrorAnswer, ErrorKind } from "../../daemon/index.ts";
import { ExitCode } from "../exit-codes.ts";
import { hasColor } from "../terminal.ts";

const EXIT_CODES: Readonly<Record<ErrorKind, ExitCode>> = {
  rules: ExitCode.found,
  usage: ExitCode.usage,
  machine: ExitCode.machine,
  bug: ExitCode.bug,
};

/** Says it on standard error; `command` is e.g. `sct config`. */
export function printError({ error }: ErrorAnswer, command: string): ExitCode {
  const { kind, message, hint, diagnostics = [] } = error;
  // texts of diagnostics are escaped where they are made
  const paint = hasColor(process.stderr) ? paintDiagnostic : (text: string) => text;
  for (const { text } of diagnostics) process.stderr.write(`${paint(text)}\n`);
  for (const line of message.split("\n")) printEscaped(`${command}: ${line}`);
  if (hint !== undefined) printEscaped(hint);
  return EXIT_CODES[kind];
}

export function printEscaped(line: string): void {
  process.stderr.write(`${escapeControls(line)}\n`);
}
