/** Answers of the service, as protocol.ts has them, from what happened. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { formatDiagnostic } from "../../base/print-diagnostic.ts";
import { MachineError } from "../../sys/index.ts";
import type { ChangeAnswer, ErrorAnswer, PlainAnswer, Reader, WireDiagnostic } from "./protocol.ts";

export const DONE: PlainAnswer = { ok: true };

export function failure(
  kind: ErrorAnswer["error"]["kind"],
  code: string,
  message: string,
  hint?: string,
): ErrorAnswer {
  return { ok: false, error: { kind, code, message, ...(hint === undefined ? {} : { hint }) } };
}

/** What is reported of an error: machine errors as they are, anything else is a bug of ours. */
export function answerOf(error: unknown): ErrorAnswer {
  if (error instanceof MachineError) {
    const { code, message, hint } = error;
    return failure("machine", code, message, hint);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  return failure("bug", "bug", text);
}

/** Rules that cannot be loaded, with excerpts for a terminal of that width. */
export function rulesFailure(diagnostics: readonly Diagnostic[], reader: Reader): ErrorAnswer {
  const answer = failure("rules", "bad_rules", "the rules cannot be loaded; nothing was changed");
  return { ...answer, error: { ...answer.error, diagnostics: onWire(diagnostics, reader) } };
}

export function onWire(
  diagnostics: readonly Diagnostic[],
  { width }: Reader,
): readonly WireDiagnostic[] {
  return diagnostics.map((diagnostic) => {
    const { severity, code } = diagnostic;
    return { severity, code, text: formatDiagnostic(diagnostic, { width }) };
  });
}

export function withNotices(answer: ChangeAnswer, ...notices: readonly string[]): ChangeAnswer {
  return { ...answer, notices: [...answer.notices, ...notices] };
}

/** The first of the diagnostics without its picture: place and message. */
export function firstError({ error }: ErrorAnswer): string {
  const first = error.diagnostics?.find(({ severity }) => severity === "error");
  return first?.text.split("\n", 1)[0] ?? error.message;
}
