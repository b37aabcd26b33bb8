/** Spans of rule text as ranges of the protocol: lines and columns from 0, columns in UTF-16 units (the protocol's default). */
import type { Position, Range } from "vscode-languageserver";
import { lineBounds, lineOf } from "../base/position.ts";
import type { SourceFile, Span } from "../base/span.ts";

function positionAt(file: SourceFile, offset: number): Position {
  const { start } = lineBounds(file, offset);
  return { line: lineOf(file, offset) - 1, character: offset - start };
}

export function editorRange({ file, start, end }: Span): Range {
  return { start: positionAt(file, start), end: positionAt(file, end) };
}

/** Of the whole text. */
export function wholeRange(file: SourceFile): Range {
  return editorRange({ file, start: 0, end: file.text.length });
}
