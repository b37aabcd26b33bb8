/** Lines of formatted text, and the columns that some of them share. */
import type { Comment } from "./comments.ts";

const INDENT = 2;
/** Spaces before a comment behind code. */
const BEFORE_COMMENT = 2;

/** `name` in `name = value`, or what stands before the brace of a list. */
export interface Head {
  readonly width: number;
  /** The author has put more than one space behind it. */
  readonly isWide: boolean;
}

export interface Line {
  /** Levels. */
  readonly level: number;
  readonly isAfterBlank: boolean;
  /** It begins with a comment. */
  readonly isComment: boolean;
  text: string;
  tokens: number;
  head?: Head;
  comment?: Comment;
}

/** Consecutive lines of one level that belong together. Comments between them change nothing, blank lines do. */
function runsOf(lines: readonly Line[], belongs: (line: Line) => boolean): readonly Line[][] {
  const runs: Line[][] = [];
  let run: Line[] = [];
  for (const line of lines) {
    if (line.isAfterBlank || line.level !== run[0]?.level) run = [];
    // columns of what has a line break in it, such as a log_format, are not ours
    if (belongs(line) && !line.text.includes("\n")) {
      if (run.length === 0) runs.push(run);
      run.push(line);
    } else if (!line.isComment || line.tokens > 1) run = [];
  }
  return runs;
}

/** Heads get one width where their author has given one of them more than it needs. */
function alignHeads(lines: readonly Line[]): void {
  for (const run of runsOf(lines, ({ head, text }) => head !== undefined && !text.endsWith("{"))) {
    if (!run.some(({ head }) => head?.isWide)) continue;
    const width = Math.max(...run.map(({ head }) => head?.width ?? 0));
    for (const line of run) {
      const own = line.head?.width ?? 0;
      line.text = line.text.slice(0, own).padEnd(width) + line.text.slice(own);
    }
  }
}

function withComment({ text, comment }: Line, column: number): string {
  return comment === undefined
    ? text
    : `${text.padEnd(column)}${" ".repeat(BEFORE_COMMENT)}${comment.text}`;
}

/** Comments behind code stay in one column where they were in one. */
function commentColumns(lines: readonly Line[]): ReadonlyMap<Line, number> {
  const columns = new Map<Line, number>();
  for (const run of runsOf(lines, ({ comment }) => comment !== undefined)) {
    const [first] = run;
    if (!run.every(({ comment }) => comment?.column === first?.comment?.column)) continue;
    const column = Math.max(...run.map(({ text }) => text.length));
    for (const line of run) columns.set(line, column);
  }
  return columns;
}

/** The text, with a line break at its end; empty without lines. */
export function textOfLines(lines: readonly Line[]): string {
  alignHeads(lines);
  const columns = commentColumns(lines);
  return lines
    .map((line) => {
      const text = withComment(line, columns.get(line) ?? 0);
      return `${line.isAfterBlank ? "\n" : ""}${" ".repeat(INDENT * line.level)}${text}\n`;
    })
    .join("");
}
