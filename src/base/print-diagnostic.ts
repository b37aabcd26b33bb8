/** The three forms in which a diagnostic is shown. */
import type { Diagnostic } from "./diagnostic.ts";
import { escapeControls } from "./escape.ts";
import { lineBounds, positionOf, startOf } from "./position.ts";
import type { Span } from "./span.ts";
import { columnsOf, wrapWords } from "./wrap.ts";

export interface PrettyOptions {
  readonly color?: boolean;
  /** Columns of the terminal: excerpts are cut so that carets stand under what they mean, words are not broken. */
  readonly width?: number | undefined;
}

/** Longest piece of a source line that is shown; the rest is cut around the span. */
const MAX_SHOWN = 120;
/** Least of it, however narrow the terminal is. */
const MIN_SHOWN = 30;

function place(span: Span): string {
  const { line, column } = startOf(span);
  return `${escapeControls(span.file.name)}:${line}:${column}`;
}

/** `file:line:column: severity code: message` */
export function formatDiagnosticLine(diagnostic: Diagnostic): string {
  const { severity, code, message } = diagnostic;
  return `${place(diagnostic.span)}: ${severity} ${code}: ${escapeControls(message)}`;
}

/** The source line with carets under the span; only its first line when it has several. */
function frame(span: Span, paint: Paint, color: string, width?: number): string[] {
  const { text } = span.file;
  const number = String(positionOf(span.file, span.start).line);
  // the gutter ` 12 | `, and `…` at both ends
  const room = (width ?? MAX_SHOWN + number.length + 6) - number.length - 6;
  const most = Math.max(MIN_SHOWN, Math.min(MAX_SHOWN, room));
  const line = lineBounds(span.file, span.start);
  const spanStart = Math.min(span.start, line.end);
  const spanEnd = Math.max(spanStart, Math.min(span.end, line.end));
  let from = line.start;
  let to = line.end;
  if (to - from > most) {
    // the span whole, if it fits, and something in front of it
    const inFront = Math.max(Math.min(10, most / 3), Math.min(40, most - (spanEnd - spanStart)));
    from = Math.max(line.start, Math.min(spanStart - Math.trunc(inFront), line.end - most));
    to = Math.min(line.end, from + most);
  }
  const shownEnd = Math.min(spanEnd, to);
  // Tabs are shown as one space, so that carets line up whatever the terminal's tab stops are.
  const show = (start: number, end: number) =>
    escapeControls(text.slice(start, end).replaceAll("\t", " "));
  const before = (from > line.start ? "…" : "") + show(from, spanStart);
  const marked = show(spanStart, shownEnd);
  const after = show(shownEnd, to) + (to < line.end ? "…" : "");
  const gutter = " ".repeat(number.length);
  const carets = paint(color, "^".repeat(Math.max(1, columnsOf(marked))));
  return [
    ` ${paint("2", `${number} |`)} ${before}${marked}${after}`,
    ` ${paint("2", `${gutter} |`)} ${" ".repeat(columnsOf(before))}${carets}`,
  ];
}

type Paint = (color: string, text: string) => string;

/** For people: position, message, the source line with the span underlined, expectation, hint, related places. */
export function formatDiagnostic(diagnostic: Diagnostic, options: PrettyOptions = {}): string {
  const paint: Paint = options.color ? (c, text) => `\x1b[${c}m${text}\x1b[0m` : (_, text) => text;
  const color = diagnostic.severity === "error" ? "31" : "33";
  const { width } = options;
  const { severity, span } = diagnostic;
  const head = `${place(span)}: ${severity}: `;
  const message = `${escapeControls(diagnostic.message)} [${diagnostic.code}]`;
  const lines = [
    // colours take no columns
    wrapWords(head, message, width, 4).replace(`: ${severity}: `, `: ${paint(color, severity)}: `),
    ...frame(span, paint, color, width),
  ];
  const more = (label: string, text: string) =>
    lines.push(wrapWords(`   = ${label}: `, escapeControls(text), width, 5));
  if (diagnostic.expected) more("expected", diagnostic.expected);
  if (diagnostic.hint) more("hint", diagnostic.hint);
  // in one piece each, however narrow the terminal is
  for (const text of diagnostic.paste ?? []) lines.push(`     ${escapeControls(text)}`);
  for (const related of diagnostic.related ?? []) {
    lines.push(
      wrapWords(`   ${place(related.span)}: `, escapeControls(related.message), width, 5),
      ...frame(related.span, paint, "36", width),
    );
  }
  return lines.join("\n");
}

/** Colours in a text that was printed without them, by a service that knows no terminal. */
export function paintDiagnostic(text: string): string {
  const color = /^[^\n]*?: error: /.test(text) ? "31" : "33";
  return text
    .replace(/: (error|warning): /, `: \x1b[${color}m$1\x1b[0m: `)
    .replace(/^( *\| *)(\^+)$/gm, `$1\x1b[${color}m$2\x1b[0m`);
}

/** For programs: plain data with resolved positions. */
export function diagnosticToJson(diagnostic: Diagnostic): Record<string, unknown> {
  const { code, severity, message, expected, hint, paste, related } = diagnostic;
  return {
    code,
    severity,
    message,
    ...jsonSpan(diagnostic.span),
    ...(expected === undefined ? {} : { expected }),
    ...(hint === undefined ? {} : { hint }),
    ...(paste === undefined ? {} : { paste }),
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
