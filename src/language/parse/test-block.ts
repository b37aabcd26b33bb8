import type { Assignment, Expr, StringLiteral, TestEntry, TestItem } from "../ast.ts";
import { atItem, type Cursor, skipToItem } from "./cursor.ts";
import { ExpressionParser } from "./expression.ts";
import { parseAssignments } from "./rule.ts";

const EXPECTED = "`call`, `expect` or `}`";

/** `test "title" { call … expect … }`; the current token is `test`. */
export function parseTest(cursor: Cursor): TestItem | undefined {
  const { start } = cursor.advance();
  if (cursor.token.kind !== "string") {
    cursor.unexpected("the title of the test in double quotes");
    skipToItem(cursor);
    return undefined;
  }
  const title = cursor.string();
  const entries: TestEntry[] = [];
  if (!cursor.expect("{")) return undefined;
  let broken = false;
  for (;;) {
    if (cursor.accept(";")) continue;
    if (cursor.accept("}")) break;
    if (atEnd(cursor) || atItem(cursor)) {
      cursor.report.add("unclosed_block", cursor.spanOf(cursor.token), ["test"], {
        expected: "`}`",
      });
      broken = true;
      break;
    }
    const entry = testEntry(cursor);
    if (entry) entries.push(entry);
    else {
      broken = true;
      cursor.skipToClose(() => atItem(cursor) || isEntry(cursor));
    }
  }
  const span = cursor.spanFrom(start);
  return { kind: "test", title, entries, ...(broken ? { broken: true as const } : {}), span };
}

function atEnd(cursor: Cursor): boolean {
  return cursor.token.kind === "end";
}

function isEntry(cursor: Cursor): boolean {
  return cursor.is("call") || cursor.is("expect");
}

function testEntry(cursor: Cursor): TestEntry | undefined {
  if (cursor.is("call")) return callEntry(cursor);
  if (cursor.is("expect")) return expectEntry(cursor);
  cursor.unexpected(EXPECTED);
  cursor.advance();
  return undefined;
}

function callEntry(cursor: Cursor): TestEntry | undefined {
  const { start } = cursor.advance();
  const { token } = cursor;
  if (token.kind !== "word") {
    cursor.unexpected("the name of a system call");
    return undefined;
  }
  cursor.advance();
  const name = { text: token.text, span: cursor.spanOf(token) };
  if (!cursor.expect("(")) return undefined;
  const args: Expr[] = [];
  const parser = new ExpressionParser(cursor);
  while (!cursor.is(")")) {
    args.push(parser.parse());
    if (parser.failed) return undefined;
    if (!cursor.accept(",")) break;
  }
  if (!cursor.expect(")")) return undefined;
  const variables: Assignment[] = [];
  let returns: Expr | undefined;
  for (;;) {
    if (cursor.accept("as")) {
      const set = parseAssignments(cursor);
      if (!set) return undefined;
      variables.push(...set);
    } else if (returns === undefined && cursor.accept("returns")) {
      if (isEntry(cursor)) {
        cursor.unexpected("a number");
        return undefined;
      }
      returns = parser.parse();
      if (parser.failed) return undefined;
    } else break;
  }
  const span = cursor.spanFrom(start);
  return { kind: "call", name, args, variables, ...(returns ? { returns } : {}), span };
}

function expectEntry(cursor: Cursor): TestEntry | undefined {
  const { start } = cursor.advance();
  const { token } = cursor;
  if (token.kind !== "word") {
    cursor.unexpected("`nothing` or an action");
    return undefined;
  }
  cursor.advance();
  const what = { text: token.text, span: cursor.spanOf(token) };
  let errno: Expr | undefined;
  let text: StringLiteral | undefined;
  if (cursor.token.kind === "string") text = cursor.string();
  else if (
    cursor.token.kind !== "end" &&
    !cursor.is("by") &&
    !cursor.is("}") &&
    !cursor.is(";") &&
    !isEntry(cursor)
  ) {
    const parser = new ExpressionParser(cursor);
    errno = parser.parse();
    if (parser.failed) return undefined;
  }
  const by = cursor.accept("by") ? cursor.name("the name of a rule") : undefined;
  return {
    kind: "expect",
    what,
    ...(errno ? { errno } : {}),
    ...(text ? { text } : {}),
    ...(by ? { by } : {}),
    span: cursor.spanFrom(start),
  };
}
