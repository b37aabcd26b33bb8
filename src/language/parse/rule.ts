import type {
  ActionEntry,
  ActionItem,
  Assignment,
  Name,
  RuleEntry,
  RuleItem,
  WordEntryKind,
} from "../ast.ts";
import { didYouMean } from "../suggest.ts";
import { COUNT_ENTRIES, isCountEntry, parseCounted } from "./count.ts";
import { atItem, type Cursor, skipToItem } from "./cursor.ts";
import { ExpressionParser } from "./expression.ts";
import { parseChance, parseLimit, parseOccurrence } from "./frequency.ts";
import { closingBrace, skipSpace } from "./lexer.ts";

/** Entries of a rule. */
export const RULE_ENTRIES: readonly string[] = [
  "rule_name",
  "description",
  "priority",
  "tags",
  "syscall_name",
  "syscall_match",
  "filter_expression",
  "action",
  "when",
  "limit",
  "threshold",
  "occurrence",
  "chance",
  "continue",
  "on_unreadable",
];
/** Entries of an action. */
export const ACTION_ENTRIES: readonly string[] = [
  "type",
  "error_code",
  "log_format",
  "timeout",
  "rewrite",
  ...COUNT_ENTRIES,
];

interface Block<E> {
  readonly entries: E[];
  broken: boolean;
}

/** An entry of the enclosing block begins here, so the block before it was not closed. */
export function atEntry(cursor: Cursor, names: readonly string[]): boolean {
  return (
    cursor.token.kind === "word" && names.includes(cursor.token.text) && cursor.followedBy("={")
  );
}

/** Whether the block that `open` begins has its own `}`: an entry or another `}` follows that. */
function isClosed({ file }: Cursor, open: number): boolean {
  const close = closingBrace(file, open);
  if (close === undefined) return false;
  const next = Math.max(0, skipSpace(file.text, close + 1));
  const after = file.text.slice(next, next + 40);
  return after.startsWith("}") || RULE_ENTRIES.some((name) => after.startsWith(name));
}

/**
 * The entries of a `{…}` block. `outer` are entries that can only belong to the block around: meeting one
 * means that our `}` is missing.
 */
export function parseBlock<E>(
  cursor: Cursor,
  what: string,
  names: readonly string[],
  outer: readonly string[],
  entry: (cursor: Cursor) => E | undefined,
): Block<E> {
  const block: Block<E> = { entries: [], broken: false };
  const open = cursor.token;
  if (!cursor.expect("{", blockHint(cursor, what))) {
    block.broken = true;
    // `action = {` is a likely slip.
    if (!cursor.accept("=") || !cursor.accept("{")) {
      if (what === "rule") skipToItem(cursor);
      return block;
    }
  }
  const opened = cursor.spanOf(open);
  const stop = () => atItem(cursor) || atEntry(cursor, names) || atEntry(cursor, outer);
  for (;;) {
    if (cursor.accept(";")) continue;
    if (cursor.accept("}")) return block;
    const misplaced = atEntry(cursor, outer) && isClosed(cursor, open.start);
    if (!misplaced && (cursor.token.kind === "end" || atItem(cursor) || atEntry(cursor, outer))) {
      cursor.report.add("unclosed_block", cursor.spanOf(cursor.token), [what], {
        expected: "`}`",
        related: [{ message: "The block begins here", span: opened }],
      });
      block.broken = true;
      return block;
    }
    if (cursor.token.kind !== "word") {
      cursor.unexpected(`an entry of the ${what} or \`}\``);
      block.broken = true;
      cursor.advance();
      cursor.skipToClose(stop);
      continue;
    }
    const { token } = cursor;
    if (!names.includes(token.text)) {
      cursor.report.add("unknown_entry", cursor.spanOf(token), [token.text, what], {
        expected: names.map((n) => `\`${n}\``).join(", "),
        ...(misplaced
          ? { hint: "it belongs to the rule, outside of this block" }
          : didYouMean(token.text, names)),
      });
      block.broken = true;
      cursor.advance();
      // The value of a misplaced entry goes with it.
      if (misplaced && cursor.accept("=")) cursor.name("a value");
      cursor.skipToClose(stop);
      continue;
    }
    const parsed = entry(cursor);
    if (parsed) block.entries.push(parsed);
    else {
      block.broken = true;
      cursor.skipToClose(stop);
    }
  }
}

/** What was meant where a block does not begin with its brace. */
function blockHint({ token }: Cursor, what: string): { hint?: string } {
  if (what === "action") return { hint: "write `action { type = LOG }`" };
  if (what !== "rule" || token.kind !== "word") return {};
  return { hint: `the name is an entry: \`rule { rule_name = ${token.text.slice(0, 40)} … }\`` };
}

/** `rule { … }`; the current token is `rule`. */
export function parseRule(cursor: Cursor): RuleItem {
  const { start } = cursor.advance();
  const { entries, broken } = parseBlock(cursor, "rule", RULE_ENTRIES, [], ruleEntry);
  const span = cursor.spanFrom(start);
  return { kind: "rule", entries, ...(broken ? { broken } : {}), span };
}

function ruleEntry(cursor: Cursor): RuleEntry | undefined {
  const { start, text } = cursor.token;
  if (text === "action") return parseAction(cursor);
  cursor.advance();
  if (text === "filter_expression") return filterEntry(cursor, start);
  if (!cursor.expect("=")) return undefined;
  switch (text) {
    case "description": {
      if (cursor.token.kind !== "string") {
        cursor.unexpected("a string in double quotes");
        return undefined;
      }
      const value = cursor.string();
      return { kind: text, value, span: cursor.spanFrom(start) };
    }
    case "tags":
    case "syscall_name": {
      const values = nameList(cursor, text === "tags" ? "a tag" : "a system call or @class");
      return values && { kind: text, values, span: cursor.spanFrom(start) };
    }
    case "limit":
    case "threshold":
      return parseLimit(cursor, start, text, valueName);
    case "occurrence":
      return parseOccurrence(cursor, start, valueName);
    case "chance":
      return parseChance(cursor, start);
    default: {
      const value = valueName(cursor, text === "rule_name" ? "a name" : `a value of \`${text}\``);
      return value && { kind: text as WordEntryKind, value, span: cursor.spanFrom(start) };
    }
  }
}

/** A name as a value. What begins the next entry is none: the value was forgotten. */
function valueName(cursor: Cursor, expected: string): Name | undefined {
  if (!atEntry(cursor, RULE_ENTRIES) && !atEntry(cursor, ACTION_ENTRIES))
    return cursor.name(expected);
  cursor.unexpected(expected);
  return undefined;
}

function nameList(cursor: Cursor, expected: string): Name[] | undefined {
  const names: Name[] = [];
  do {
    const name = valueName(cursor, expected);
    if (!name) return undefined;
    names.push(name);
  } while (cursor.accept(","));
  return names;
}

function filterEntry(cursor: Cursor, start: number): RuleEntry | undefined {
  if (!cursor.expect("{")) return undefined;
  const parser = new ExpressionParser(cursor);
  let value = parser.parse();
  let { failed } = parser;
  if (!failed && !cursor.is("}")) {
    failed = true;
    cursor.unexpected("an operator or `}`", parser.foreign());
  }
  if (failed) {
    // What was understood of it would only bring errors that are none.
    value = { kind: "error", span: value.span };
    cursor.skipToClose(() => atItem(cursor) || atEntry(cursor, RULE_ENTRIES));
    if (!cursor.is("}")) return undefined;
  }
  cursor.advance();
  return { kind: "filter_expression", value, span: cursor.spanFrom(start) };
}

function parseAction(cursor: Cursor): ActionItem {
  const { start } = cursor.advance();
  const outer = RULE_ENTRIES;
  const { entries, broken } = parseBlock(cursor, "action", ACTION_ENTRIES, outer, actionEntry);
  const span = cursor.spanFrom(start);
  return { kind: "action", entries, ...(broken ? { broken } : {}), span };
}

function actionEntry(cursor: Cursor): ActionEntry | undefined {
  const { start, text } = cursor.advance();
  if (text === "log_format") return logFormat(cursor, start);
  if (text === "rewrite") {
    const assignments = parseAssignments(cursor);
    return assignments && { kind: "rewrite", assignments, span: cursor.spanFrom(start) };
  }
  if (isCountEntry(text)) return parseCounted(cursor, text, start);
  if (!cursor.expect("=")) return undefined;
  if (text === "error_code") {
    const parser = new ExpressionParser(cursor);
    const value = parser.parse();
    return parser.failed ? undefined : { kind: "error_code", value, span: cursor.spanFrom(start) };
  }
  const value = cursor.name(
    text === "type" ? "LOG, FAIL, KILL, SUSPEND, REWRITE or COUNT" : "a duration",
  );
  return value && { kind: text as "type" | "timeout", value, span: cursor.spanFrom(start) };
}

/** The text counts trimmed, and white space that holds a line break counts as one space. */
export function foldLogFormat(raw: string): string {
  return raw.trim().replace(/\s+/g, (space) => (space.includes("\n") ? " " : space));
}

/** `{ … }` behind log_format, from the brace on. */
export function logFormat(cursor: Cursor, start: number): ActionEntry | undefined {
  if (!cursor.is("{")) {
    cursor.unexpected("`{`", {
      hint: "the text stands in braces: `log_format {%comm opened %path}`",
    });
    return undefined;
  }
  const from = cursor.token.end;
  const end = closingBrace(cursor.file, cursor.token.start);
  if (end === undefined) {
    cursor.report.add("unclosed_block", cursor.spanOf(cursor.token), ["log_format"], {
      expected: "`}`",
    });
    // What follows may still be good rules: continue at the next entry or item.
    cursor.advance();
    return undefined;
  }
  cursor.checkText(from, end);
  cursor.jump(end + 1);
  const text = foldLogFormat(cursor.file.text.slice(from, end));
  return { kind: "log_format", text, raw: cursor.span(from, end), span: cursor.spanFrom(start) };
}

/** `{ TARGET = VALUE; … }`, of rewrite and of a test's `as`. */
export function parseAssignments(cursor: Cursor): Assignment[] | undefined {
  if (!cursor.expect("{")) return undefined;
  const assignments: Assignment[] = [];
  const targets = new ExpressionParser(cursor, true);
  const parser = new ExpressionParser(cursor);
  for (;;) {
    if (cursor.accept(";") || cursor.accept(",")) continue;
    if (cursor.accept("}")) return assignments;
    const { start } = cursor.token;
    const target = targets.parse();
    if (targets.failed) break;
    if (!cursor.accept("=")) {
      cursor.unexpected("`=`");
      break;
    }
    const value = parser.parse();
    if (parser.failed) break;
    assignments.push({ target, value, span: cursor.spanFrom(start) });
  }
  cursor.skipToClose(() => atItem(cursor) || atEntry(cursor, RULE_ENTRIES));
  cursor.accept("}");
  return undefined;
}
