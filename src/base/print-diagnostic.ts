/** The three forms in which a diagnostic is shown. */
import type { Diagnostic } from "./diagnostic.ts";
import { escapeControls } from "./escape.ts";
import { lineBounds, positionOf, startOf } from "./position.ts";
import type { Span } from "./span.ts";

export interface PrettyOptions {
  readonly color?: boolean;
}

/** Longest piece of a source line that is shown; the rest is cut around the span. */
const MAX_SHOWN = 120;

function place(span: Span): string {
  const { line, column } = startOf(span);
  return `${escapeControls(span.file.name)}:${line}:${column}`;
}

/** `file:line:column: severity code: message` */
export function formatDiagnosticLine(diagnostic: Diagnostic): string {
  const { severity, code, message } = diagnostic;
  return `${place(diagnostic.span)}: ${severity} ${code}: ${escapeControls(message)}`;
}

/** Width of what `text` shows as: code points, as no terminal agrees with another on more. */
function width(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The source line with carets under the span; only its first line when it has several. */
function frame(span: Span, paint: Paint, color: string): string[] {
  const { text } = span.file;
  const line = lineBounds(span.file, span.start);
  const spanStart = Math.min(span.start, line.end);
  const spanEnd = Math.max(spanStart, Math.min(span.end, line.end));
  let from = line.start;
  let to = line.end;
  if (to - from > MAX_SHOWN) {
    from = Math.max(line.start, Math.min(spanStart - 40, line.end - MAX_SHOWN));
    to = Math.min(line.end, from + MAX_SHOWN);
  }
  const shownEnd = Math.min(spanEnd, to);
  // Tabs are shown as one space, so that carets line up whatever the terminal's tab stops are.
  const show = (start: number, end: number) =>
    escapeControls(text.slice(start, end).replaceAll("\t", " "));
  const before = (from > line.start ? "…" : "") + show(from, spanStart);
  const marked = show(spanStart, shownEnd);
  const after = show(shownEnd, to) + (to < line.end ? "…" : "");
  const number = String(positionOf(span.file, span.start).line);
  const gutter = " ".repeat(number.length);
  const carets = paint(color, "^".repeat(Math.max(1, width(marked))));
  return [
    ` ${paint("2", `${number} |`)} ${before}${marked}${after}`,
    ` ${paint("2", `${gutter} |`)} ${" ".repeat(width(before))}${carets}`,
  ];
}

type Paint = (color: string, text: string) => string;

/** For people: position, message, the source line with the span underlined, expectation, hint, related places. */
export function formatDiagnostic(diagnostic: Diagnostic, options: PrettyOptions = {}): string {
  const paint: Paint = options.color ? (c, text) => `\x1b[${c}m${text}\x1b[0m` : (_, text) => text;
  const color = diagnostic.severity === "error" ? "31" : "33";
  const lines = [
    `${place(diagnostic.span)}: ${paint(color, diagnostic.severity)}: ${escapeControls(diagnostic.message)} [${diagnostic.code}]`,
    ...frame(diagnostic.span, paint, color),
  ];
  if (diagnostic.expected) lines.push(`   = expected: ${escapeControls(diagnostic.expected)}`);
  if (diagnostic.hint) lines.push(`   = hint: ${escapeControls(diagnostic.hint)}`);
  for (const related of diagnostic.related ?? []) {
    lines.push(`   ${place(related.span)}: ${escapeControls(related.message)}`);
    lines.push(...frame(related.span, paint, "36"));
  }
  return lines.join("\n");
}

/** For programs: plain data with resolved positions. */
export function diagnosticToJson(diagnostic: Diagnostic): Record<string, unknown> {
  const { code, severity, message, expected, hint, related } = diagnostic;
  return {
    code,
    severity,
    message,
    ...jsonSpan(diagnostic.span),
    ...(expected === undefined ? {} : { expected }),
    ...(hint === undefined ? {} : { hint }),
    ...(related === undefined
      ? {}
      : { related: related.map((r) => ({ message: r.message, ...jsonSpan(r.span) })) }),
  };
}

function jsonSpan(span: Span): Record<string, unknown> {
  return {
    file: span.file.name,
    start: positionOf(span.file, span.start),
    end: positionOf(span.file, span.end),
  };
}
