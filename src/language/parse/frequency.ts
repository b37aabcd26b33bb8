/** Entries of a rule that say how often: `limit`, `threshold`, `occurrence`, `chance`. */
import { table } from "../../base/table.ts";
import type { Name, NumberLiteral, RuleEntry } from "../ast.ts";
import type { Cursor } from "./cursor.ts";

/** Takes a name that is a value, not the beginning of the next entry. */
type ParseName = (cursor: Cursor, expected: string) => Name | undefined;

const IN_A_TIME = table({
  limit: {
    expected: "a number of reports such as 10/s",
    hint: "a limit is a number of reports in a time: `10/s`, `100/min per uid`",
  },
  threshold: {
    expected: "a number of calls such as 100/10s",
    hint: "a threshold is a number of calls in a time: `100/10s`, `5/min per pid`",
  },
});

export function parseLimit(
  cursor: Cursor,
  start: number,
  kind: "limit" | "threshold",
  name: ParseName,
): RuleEntry | undefined {
  const { expected, hint } = IN_A_TIME[kind] ?? {};
  if (cursor.token.kind !== "number") {
    cursor.unexpected(expected ?? "");
    return undefined;
  }
  const count = cursor.number();
  if (!count || !cursor.expect("/", { hint: hint ?? "" })) return undefined;
  const { token } = cursor;
  if (token.kind !== "word" && token.kind !== "number") {
    cursor.unexpected("a period such as s, min or 10s");
    return undefined;
  }
  cursor.advance();
  const period: Name = { text: token.text, span: cursor.spanOf(token) };
  if (!cursor.accept("per")) return { kind, count, period, span: cursor.spanFrom(start) };
  const per = name(cursor, "a variable such as uid");
  return per && { kind, count, period, per, span: cursor.spanFrom(start) };
}

const OCCURRENCES = "the number of a call such as 3, 3+, 3..6 or 3+2";

export function parseOccurrence(
  cursor: Cursor,
  start: number,
  name: ParseName,
): RuleEntry | undefined {
  const first = numberOf(cursor, OCCURRENCES);
  if (!first) return undefined;
  let more: Extract<RuleEntry, { kind: "occurrence" }>["more"];
  if (cursor.accept("..")) {
    const value = numberOf(cursor, "the number of the last call");
    if (!value) return undefined;
    more = { kind: "last", value };
  } else if (cursor.accept("+")) {
    const value = cursor.token.kind === "number" ? cursor.number() : undefined;
    more = value ? { kind: "step", value } : { kind: "open" };
  }
  const head = { kind: "occurrence" as const, first, ...(more ? { more } : {}) };
  if (!cursor.accept("per")) return { ...head, span: cursor.spanFrom(start) };
  const per = name(cursor, "a variable such as pid");
  return per && { ...head, per, span: cursor.spanFrom(start) };
}

function numberOf(cursor: Cursor, expected: string): NumberLiteral | undefined {
  if (cursor.token.kind === "number") return cursor.number();
  cursor.unexpected(expected);
  return undefined;
}

/** The lexer knows no decimals: `0.5` is three tokens. */
export function parseChance(cursor: Cursor, start: number): RuleEntry | undefined {
  const { token } = cursor;
  if (token.kind !== "number") {
    cursor.unexpected("a chance such as 10%");
    return undefined;
  }
  cursor.advance();
  let { text } = token;
  if (cursor.accept(".")) {
    if (cursor.token.kind !== "number") {
      cursor.unexpected("digits");
      return undefined;
    }
    text += `.${cursor.advance().text}`;
  }
  const percent: Name = { text, span: cursor.spanFrom(token.start) };
  if (!cursor.expect("%", { hint: "a chance is in percent: `10%`, `0.5%`" })) return undefined;
  return { kind: "chance", percent, span: cursor.spanFrom(start) };
}
