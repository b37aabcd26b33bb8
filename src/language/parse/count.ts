/** `by COMM, PATH sum RETVAL hist DURATION`: what the action COUNT is given. */
import type { ActionEntry, CountEntryKind, Expr } from "../ast.ts";
import type { Cursor } from "./cursor.ts";
import { ExpressionParser } from "./expression.ts";

export const COUNT_ENTRIES = ["by", "sum", "hist"] as const satisfies readonly CountEntryKind[];

export function isCountEntry(text: string): text is CountEntryKind {
  return (COUNT_ENTRIES as readonly string[]).includes(text);
}

/** Whether one of them begins at the cursor. */
export function atCountEntry({ token }: Cursor): boolean {
  return token.kind === "word" && isCountEntry(token.text);
}

/** Behind the keyword, which began at `start`: expressions with commas between them. `=` may stand before them. */
export function parseCounted(
  cursor: Cursor,
  kind: CountEntryKind,
  start: number,
): ActionEntry | undefined {
  cursor.accept("=");
  const values: Expr[] = [];
  do {
    const parser = new ExpressionParser(cursor);
    const value = parser.parse();
    if (parser.failed) return undefined;
    values.push(value);
  } while (cursor.accept(","));
  return { kind, values, span: cursor.spanFrom(start) };
}
