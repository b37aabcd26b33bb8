import type { Position, SourceFile, Span } from "./span.ts";

interface LineIndex {
  /** Offset of the first character of each line. */
  readonly starts: readonly number[];
  /** Last column looked up; the next one on the same line is usually near. */
  line: number;
  offset: number;
  column: number;
}

const indexes = new WeakMap<SourceFile, LineIndex>();

function lineIndex(file: SourceFile): LineIndex {
  const known = indexes.get(file);
  if (known) return known;
  const starts = [0];
  for (let at = file.text.indexOf("\n"); at >= 0; at = file.text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  const index: LineIndex = { starts, line: 0, offset: 0, column: 0 };
  indexes.set(file, index);
  return index;
}

/** 1-based line that holds `offset`. */
export function lineOf(file: SourceFile, offset: number): number {
  const { starts } = lineIndex(file);
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Line and column of an offset; the column counts code points. */
export function positionOf(file: SourceFile, offset: number): Position {
  const index = lineIndex(file);
  const line = lineOf(file, offset);
  // Continue from the last look-up, so that many diagnostics on one huge line stay linear.
  const resume = index.line === line && index.offset <= offset;
  let at = resume ? index.offset : (index.starts[line - 1] ?? 0);
  let column = resume ? index.column : 1;
  while (at < offset) {
    at += (file.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    column++;
  }
  index.line = line;
  index.offset = at;
  index.column = column;
  return { line, column };
}

/** Where a span begins. */
export function startOf(span: Span): Position {
  return positionOf(span.file, span.start);
}

/** Where a span begins, for people: `rules.conf:12`. */
export function sourcePlace({ file, start }: Span): string {
  return `${file.name}:${lineOf(file, start)}`;
}

/** Offsets of the line (without its line end) that holds `offset`. */
export function lineBounds(file: SourceFile, offset: number): { start: number; end: number } {
  const { starts } = lineIndex(file);
  const line = lineOf(file, offset);
  const start = starts[line - 1] ?? 0;
  let end = (starts[line] ?? file.text.length + 1) - 1;
  if (end > start && file.text[end - 1] === "\r") end--;
  return { start, end };
}
