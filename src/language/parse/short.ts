/**
 * Short rules, as command lines take them: `CALLS [if EXPRESSION] [then ACTION [ARGUMENT]]`. What COUNT is given can stand without
 * it: `read by COMM`.
 */
import { findVariable, macroOf, variableNames } from "../../variables/index.ts";
import type { ActionEntry, ActionItem, Expr, Name, RuleEntry, RuleItem } from "../ast.ts";
import { isActionType } from "../check/action.ts";
import { childrenOf } from "../walk.ts";
import { atCountEntry, isCountEntry, parseCounted } from "./count.ts";
import type { Cursor } from "./cursor.ts";
import { ExpressionParser } from "./expression.ts";
import { skipSpace } from "./lexer.ts";
import { logFormat } from "./rule.ts";

const ITEM = /^(?:rule\s*\{|(?:define|list)\s+\w+\s*\{|(?:include|test)\s*")/;
/** An item whose keyword was misspelt is no call either. */
const BLOCK = /^\w+\s*(?:\w+\s*)?\{/;

/** Whether a text of a command line is a short rule, and no text as it stands in a file. */
export function isShortRule(text: string): boolean {
  const start = Math.max(0, skipSpace(text, 0));
  const rest = text.slice(start, start + 200);
  return rest !== "" && !ITEM.test(rest) && !BLOCK.test(rest);
}

/** The whole text as one rule. */
export function parseShort(cursor: Cursor): RuleItem {
  const { start } = cursor.token;
  const entries: RuleEntry[] = [];
  const isBroken = !parseParts(cursor, entries);
  const span = cursor.spanFrom(start);
  return { kind: "rule", entries, ...(isBroken ? { broken: true as const } : {}), span };
}

function parseParts(cursor: Cursor, entries: RuleEntry[]): boolean {
  const names = calls(cursor);
  if (!names) return false;
  entries.push({ kind: "syscall_name", ...names });
  let after: Name["span"] | undefined;
  if (cursor.is("if")) {
    const { start } = cursor.advance();
    const parser = new ExpressionParser(cursor);
    const value = parser.parse();
    if (parser.failed) return false;
    entries.push({ kind: "filter_expression", value, span: cursor.spanFrom(start) });
    after = placeOfResult(value);
    if (!cursor.is("then") && !atCountEntry(cursor) && !isAtEnd(cursor)) {
      cursor.unexpected("an operator or `then`", parser.foreign());
      return false;
    }
  }
  const action = parseAction(cursor);
  if (!action) return false;
  entries.push(action);
  for (const entry of action.entries) {
    if (entry.kind === "log_format" && SHOWS_RESULT.test(entry.text)) after ??= entry.raw;
    if ("values" in entry) for (const value of entry.values) after ??= placeOfResult(value);
  }
  if (after) entries.push({ kind: "when", value: { text: "after", span: after }, span: after });
  if (isAtEnd(cursor)) return true;
  cursor.unexpected("the end of the rule", { hint: "each rule is an argument of its own" });
  return false;
}

function isAtEnd(cursor: Cursor): boolean {
  return cursor.token.kind === "end";
}

function calls(cursor: Cursor): { values: Name[]; span: Name["span"] } | undefined {
  const { start } = cursor.token;
  const values: Name[] = [];
  do {
    const name = cursor.name("a system call or @class");
    if (!name) return undefined;
    values.push(name);
  } while (cursor.accept(","));
  const isNext = isAtEnd(cursor) || cursor.is("if") || cursor.is("then") || atCountEntry(cursor);
  if (!isNext) {
    cursor.unexpected("`if`, `then` or `,`", {
      hint: "a short rule is `CALLS if EXPRESSION then ACTION`, such as `unlink if UID == 0 then FAIL EPERM`",
    });
    return undefined;
  }
  return { values, span: cursor.spanFrom(start) };
}

/** Where the result of the call is looked at: the rule is one for after the call. */
function placeOfResult(expr: Expr): Name["span"] | undefined {
  const todo = [expr];
  for (let next = todo.pop(); next; next = todo.pop()) {
    if (next.kind === "name" && isOfResult(next.name)) return next.span;
    todo.push(...childrenOf(next));
  }
  return undefined;
}

function isOfResult(name: string): boolean {
  return findVariable(name)?.when === "after";
}

const SHOWS_RESULT = new RegExp(
  `%(?:errname|${variableNames.filter(isOfResult).map(macroOf).join("|")})\\b`,
);

function parseAction(cursor: Cursor): ActionItem | undefined {
  const { start } = cursor.token;
  if (atCountEntry(cursor)) {
    const span = cursor.span(start, start);
    const given = countEntries(cursor);
    const type: ActionEntry = { kind: "type", value: { text: "COUNT", span }, span };
    return given && { kind: "action", entries: [type, ...given], span: cursor.spanFrom(start) };
  }
  if (!cursor.accept("then")) {
    const span = cursor.span(start, start);
    const type: ActionEntry = { kind: "type", value: { text: "LOG", span }, span };
    return { kind: "action", entries: [type], span };
  }
  const value = cursor.name("LOG, FAIL, KILL, SUSPEND, REWRITE or COUNT");
  if (!value) return undefined;
  const entries: ActionEntry[] = [{ kind: "type", value, span: value.span }];
  // of an unknown action the checker says so, and nobody knows what its argument would be
  if (!isActionType(value.text)) cursor.jump(cursor.file.text.length);
  else if (value.text === "COUNT") {
    const given = countEntries(cursor);
    if (!given) return undefined;
    entries.push(...given);
  } else if (!isAtEnd(cursor)) {
    const argument = parseArgument(cursor, value.text);
    if (!argument) return undefined;
    entries.push(argument);
  }
  return { kind: "action", entries, span: cursor.spanFrom(start) };
}

function parseArgument(cursor: Cursor, type: string): ActionEntry | undefined {
  const { start } = cursor.token;
  switch (type) {
    case "LOG":
      return logFormat(cursor, start);
    case "FAIL": {
      const parser = new ExpressionParser(cursor);
      const value = parser.parse();
      if (parser.failed) return undefined;
      return { kind: "error_code", value, span: cursor.spanFrom(start) };
    }
    case "SUSPEND": {
      const value = cursor.name("a duration");
      return value && { kind: "timeout", value, span: cursor.spanFrom(start) };
    }
    default:
      cursor.unexpected("the end of the rule");
      return undefined;
  }
}

/** Up to what is none of them. */
function countEntries(cursor: Cursor): ActionEntry[] | undefined {
  const entries: ActionEntry[] = [];
  while (cursor.token.kind === "word" && isCountEntry(cursor.token.text)) {
    const { start, text } = cursor.advance();
    const entry = isCountEntry(text) ? parseCounted(cursor, text, start) : undefined;
    if (!entry) return undefined;
    entries.push(entry);
  }
  return entries;
}
