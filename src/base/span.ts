/** One rule text with a name; spans point into it. `text` is the decoded UTF-8, offsets are UTF-16 units. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
  /** It was loaded before, and is read again. */
  readonly isKept?: true;
  /** It is an argument of a command line, where a rule may be a short one. */
  readonly isArgument?: true;
}

/** Half-open range `[start, end)` of a source file. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** 1-based line and column (column in code points, tabs count one). */
export interface Position {
  readonly line: number;
  readonly column: number;
}
