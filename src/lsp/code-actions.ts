/** Cures of diagnostics, as edits: the name that was meant, lines to add, a comment that allows a warning. */
import { type CodeAction, CodeActionKind, type Range, type TextEdit } from "vscode-languageserver";
import type { Diagnostic } from "../base/diagnostic.ts";
import { lineBounds } from "../base/position.ts";
import { shownDiagnostic } from "./diagnostics.ts";
import { editorRange } from "./ranges.ts";
import { ownDiagnostics, type RuleDocument } from "./rule-document.ts";

const MEANT = /did you mean `([^`]+)`/;

interface Cure {
  readonly title: string;
  readonly edit: TextEdit;
  /** It is what the author most probably wants. */
  readonly isPreferred?: true;
}

function curesOf(document: RuleDocument, diagnostic: Diagnostic): readonly Cure[] {
  const { hint, paste, severity, span } = diagnostic;
  if (span.file !== document.file) return [];
  const meant = MEANT.exec(hint ?? "")?.[1];
  return [
    ...(meant === undefined ? [] : [meantCure(diagnostic, meant)]),
    ...(paste === undefined ? [] : [pasteCure(document, paste)]),
    ...(severity === "warning" ? [allowCure(document, diagnostic)] : []),
  ];
}

function meantCure({ span }: Diagnostic, meant: string): Cure {
  const range = editorRange(span);
  return { title: `Write \`${meant}\``, edit: { range, newText: meant }, isPreferred: true };
}

/** Behind the last item. */
function pasteCure({ file }: RuleDocument, paste: readonly string[]): Cure {
  const end = file.text.length;
  const apart = file.text.endsWith("\n") ? "\n" : "\n\n";
  return {
    title: "Add the rules that close this",
    edit: {
      range: editorRange({ file, start: end, end }),
      newText: `${apart}${paste.join("\n")}\n`,
    },
  };
}

/** Above the item in which it is, as `# sct: allow` counts for the item below it. */
function allowCure({ file, result }: RuleDocument, { code, span }: Diagnostic): Cure {
  const tree = result.ast.find((one) => one.file === file);
  const item = tree?.items.find(
    ({ span: { start, end } }) => start <= span.start && span.start < end,
  );
  const { start } = lineBounds(file, item?.span.start ?? span.start);
  return {
    title: `Allow \`${code}\` here`,
    edit: { range: editorRange({ file, start, end: start }), newText: `# sct: allow ${code}\n` },
  };
}

const overlaps = (a: Range, b: Range): boolean =>
  a.start.line <= b.end.line && b.start.line <= a.end.line;

/** For what stands in these lines. */
export function codeActions(document: RuleDocument, range: Range): CodeAction[] {
  return ownDiagnostics(document)
    .filter(({ span }) => overlaps(editorRange(span), range))
    .flatMap((diagnostic) =>
      curesOf(document, diagnostic).map(({ title, edit, isPreferred }) => ({
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [shownDiagnostic(diagnostic)],
        edit: { changes: { [document.uri]: [edit] } },
        ...(isPreferred ? { isPreferred } : {}),
      })),
    );
}
