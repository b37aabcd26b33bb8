/** Warnings that the author of a rule has seen and wants: `# sct: allow raw_path`, or codes from a command line. */
import type { Diagnostic } from "../base/diagnostic.ts";
import { lineOf } from "../base/position.ts";
import type { Tree } from "./ast.ts";
import { messages } from "./messages.ts";
import type { Diagnostics } from "./report.ts";
import { didYouMean } from "./suggest.ts";

const COMMENT = /(?:#|\/\/)[ \t]*sct:[ \t]*allow[ \t]+([A-Za-z_]+(?:[ \t]*,[ \t]*[A-Za-z_]+)*)/g;

function codesOf(severity: Diagnostic["severity"]): readonly string[] {
  return Object.entries(messages).flatMap(([code, one]) =>
    one.severity === severity ? [code] : [],
  );
}

export const warningCodes = codesOf("warning");
const errorCodes: ReadonlySet<string> = new Set(codesOf("error"));

interface Allowed {
  readonly code: string;
  readonly start: number;
  readonly end: number;
}

/** The diagnostics without warnings that are allowed. A comment holds for the item that it stands in, beside or above. */
export function withoutAllowed(
  diagnostics: readonly Diagnostic[],
  trees: readonly Tree[],
  everywhere: readonly string[],
): readonly Diagnostic[] {
  const byFile = new Map(trees.map((tree) => [tree.file, allowedIn(tree)]));
  return diagnostics.filter(({ severity, code, span }) => {
    if (severity === "error") return true;
    if (everywhere.includes(code)) return false;
    const allowed = byFile.get(span.file) ?? [];
    return !allowed.some(
      (one) => one.code === code && span.start >= one.start && span.start <= one.end,
    );
  });
}

/** Reports codes in comments that are those of no warning. */
export function checkAllowed(trees: readonly Tree[], report: Diagnostics): void {
  for (const { file } of trees) {
    for (const { code, at } of codesIn(file.text)) {
      if (warningCodes.includes(code)) continue;
      report.add("unknown_warning", { file, start: at, end: at + code.length }, [code], {
        ...(errorCodes.has(code)
          ? { hint: "it is the code of an error: only warnings can be allowed" }
          : didYouMean(code, warningCodes)),
      });
    }
  }
}

function codesIn(text: string): { code: string; at: number }[] {
  const found: { code: string; at: number }[] = [];
  for (const match of text.matchAll(COMMENT)) {
    const [whole, list = ""] = match;
    const start = match.index + whole.length - list.length;
    for (const word of list.matchAll(/[A-Za-z_]+/g))
      found.push({ code: word[0], at: start + word.index });
  }
  return found;
}

function allowedIn({ file, items }: Tree): readonly Allowed[] {
  return codesIn(file.text).flatMap(({ code, at }) => {
    const line = lineOf(file, at);
    const item =
      items.find(({ span }) => span.start <= at && at < span.end) ??
      items.find(({ span }) => span.end <= at && lineOf(file, span.end) === line) ??
      items.find(({ span }) => span.start > at);
    return item ? [{ code, start: item.span.start, end: item.span.end }] : [];
  });
}
