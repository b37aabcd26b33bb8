/** Lines on standard error past Node's own streams, which would change it for the command that shares it. */
import { appendFileSync, writeSync } from "node:fs";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { escapeControls } from "../../base/escape.ts";
import { formatDiagnostic } from "../../base/print-diagnostic.ts";
import { NOTICES } from "../packs/script-run.ts";

export function rawDiagnostics(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  // it loads what sockets need
  const isTerminal = process.getBuiltinModule("node:tty").isatty(2);
  const columns = Number(process.env["COLUMNS"]) || 80;
  const options = {
    color: isTerminal && !process.env["NO_COLOR"],
    width: isTerminal ? columns : undefined,
  };
  for (const diagnostic of diagnostics) rawLine(formatDiagnostic(diagnostic, options));
}

export function rawNotice(line: string): void {
  rawLine(`sct: ${escapeControls(line)}`);
}

export function rawLine(line: string): void {
  const file = process.env[NOTICES];
  try {
    if (file === undefined) writeSync(2, `${line}\n`);
    else appendFileSync(file, `${line}\n`);
  } catch {
    // nobody can be notified
  }
}
