/** What is wrong with a text, in the words of the protocol. */
import { DiagnosticSeverity, type Diagnostic as Shown } from "vscode-languageserver";
import type { Diagnostic } from "../base/diagnostic.ts";
import { editorRange } from "./ranges.ts";
import { ownDiagnostics, type RuleDocument, uriOf } from "./rule-document.ts";

export const SOURCE = "sct";

function messageOf({ message, expected, hint }: Diagnostic): string {
  return [
    message,
    ...(expected === undefined ? [] : [`expected: ${expected}`]),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ].join("\n");
}

export function shownDiagnostic(diagnostic: Diagnostic): Shown {
  const { code, severity, span, related = [] } = diagnostic;
  return {
    range: editorRange(span),
    severity: severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    source: SOURCE,
    message: messageOf(diagnostic),
    relatedInformation: related.map((place) => ({
      message: place.message,
      location: { uri: uriOf(place.span.file), range: editorRange(place.span) },
    })),
  };
}

export function shownDiagnostics(document: RuleDocument): Shown[] {
  return ownDiagnostics(document).map(shownDiagnostic);
}
