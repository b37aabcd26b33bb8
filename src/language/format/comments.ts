/** Comments and line breaks between two tokens. */

export interface Comment {
  /** As it stands; white space at its end is gone. */
  readonly text: string;
  /** Up to the end of the line. */
  readonly isLine: boolean;
  /** Line breaks between what stands before it and itself. */
  readonly breaks: number;
  /** Characters between the beginning of its line and itself, up to a limit. */
  readonly column: number;
}

export interface Gap {
  readonly comments: readonly Comment[];
  /** Line breaks behind the last comment, or in all. */
  readonly breaks: number;
  /** It is white space alone, and more than one character of it. */
  readonly isWide: boolean;
}

const COMMENT = /(?:#|\/\/)[^\n]*|\/\*[\s\S]*?\*\//g;

function lineBreaks(text: string): number {
  return text.split("\n").length - 1;
}

/** Lines beyond that have no columns. */
const LONGEST_LINE = 2000;

function columnOf(text: string, at: number): number {
  const before = text.slice(Math.max(0, at - LONGEST_LINE), at);
  return before.length - 1 - before.lastIndexOf("\n");
}

/** What stands in `text` from `from` to `to`, where no token is. */
export function gapBetween(text: string, from: number, to: number): Gap {
  const between = text.slice(from, to);
  const comments: Comment[] = [];
  let at = 0;
  for (const { 0: found, index } of between.matchAll(COMMENT)) {
    comments.push({
      text: found.trimEnd().replaceAll("\r\n", "\n"),
      isLine: !found.startsWith("/*"),
      breaks: lineBreaks(between.slice(at, index)),
      column: columnOf(text, from + index),
    });
    at = index + found.length;
  }
  return {
    comments,
    breaks: lineBreaks(between.slice(at)),
    isWide: comments.length === 0 && between.length > 1,
  };
}

/** Texts of all comments, in their order. */
export function commentsOf(
  text: string,
  tokens: readonly { readonly start: number; readonly end: number }[],
): readonly string[] {
  const starts = [...tokens.map(({ start }) => start), text.length];
  return starts.flatMap((start, i) =>
    gapBetween(text, tokens[i - 1]?.end ?? 0, start).comments.map((comment) => comment.text),
  );
}
