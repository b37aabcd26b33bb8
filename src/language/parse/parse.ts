/** Rule text → tree. Reports every error it finds and continues behind each. */
import type { SourceFile } from "../../base/span.ts";
import type { Item, Name, Tree } from "../ast.ts";
import type { Diagnostics } from "../report.ts";
import { didYouMean } from "../suggest.ts";
import { atItem, Cursor, skipToItem } from "./cursor.ts";
import { ExpressionParser } from "./expression.ts";
import type { Token } from "./lexer.ts";
import { parsePolicy } from "./policy.ts";
import { parseRule } from "./rule.ts";
import { isShortRule, parseShort } from "./short.ts";
import { parseTest } from "./test-block.ts";

/** Largest rule text, in characters. */
const MAX_FILE = 4 * 1024 * 1024;

/** What stands at the top of a file. */
export const ITEMS: readonly string[] = ["rule", "define", "list", "include", "test", "policy"];

/** Parses one file; includes stay unresolved items. `taken` gets its tokens. */
export function parse(file: SourceFile, report: Diagnostics, taken?: Token[]): Tree {
  if (file.text.length > MAX_FILE) {
    report.add("file_too_large", { file, start: 0, end: 0 }, ["4 MiB"]);
    return { file, items: [] };
  }
  const cursor = new Cursor(file, report, taken);
  if (file.isArgument && isShortRule(file.text)) return { file, items: [parseShort(cursor)] };
  const items: Item[] = [];
  while (cursor.token.kind !== "end") {
    const item = parseItem(cursor);
    if (item) items.push(item);
  }
  return { file, items };
}

function parseItem(cursor: Cursor): Item | undefined {
  if (cursor.accept(";")) return undefined;
  switch (cursor.token.kind === "word" ? cursor.token.text : "") {
    case "rule":
      return parseRule(cursor);
    case "define":
      return parseDefine(cursor);
    case "list":
      return parseList(cursor);
    case "include":
      return parseInclude(cursor);
    case "test":
      return parseTest(cursor);
    case "policy":
      return parsePolicy(cursor);
    default:
      skipUnknown(cursor);
      return undefined;
  }
}

function skipUnknown(cursor: Cursor): void {
  const { token } = cursor;
  const expected = "`rule`, `define`, `list`, `include`, `test` or `policy`";
  if (token.kind === "word") {
    cursor.report.add("unknown_item", cursor.spanOf(token), [token.text], {
      expected,
      ...didYouMean(token.text, ITEMS),
    });
  } else cursor.unexpected(expected);
  cursor.advance();
  skipToItem(cursor);
}

function definedName(cursor: Cursor, what: string): Name | undefined {
  cursor.advance();
  const { token } = cursor;
  if (token.kind !== "word") {
    cursor.unexpected(`the name of the ${what}`);
    skipToItem(cursor);
    return undefined;
  }
  cursor.advance();
  return { text: token.text, span: cursor.spanOf(token) };
}

/** Takes the `}` of a block, or reports what stands there and skips to it. */
function closeBlock(cursor: Cursor, failed: boolean, expected: string, hint = {}): void {
  if (!failed && cursor.accept("}")) return;
  if (!failed) cursor.unexpected(expected, hint);
  cursor.skipToClose(() => atItem(cursor));
  cursor.accept("}");
}

function parseDefine(cursor: Cursor): Item | undefined {
  const { start } = cursor.token;
  const name = definedName(cursor, "define");
  if (!name) return undefined;
  if (!cursor.expect("{")) {
    skipToItem(cursor);
    return undefined;
  }
  const parser = new ExpressionParser(cursor);
  const value = parser.parse();
  closeBlock(cursor, parser.failed, "an operator or `}`", parser.foreign());
  return { kind: "define", name, value, span: cursor.spanFrom(start) };
}

function parseList(cursor: Cursor): Item | undefined {
  const { start } = cursor.token;
  const name = definedName(cursor, "list");
  if (!name) return undefined;
  if (!cursor.expect("{")) {
    skipToItem(cursor);
    return undefined;
  }
  const parser = new ExpressionParser(cursor);
  const values = parser.parseList();
  closeBlock(cursor, parser.failed, "`,` or `}`");
  return { kind: "list", name, values, span: cursor.spanFrom(start) };
}

function parseInclude(cursor: Cursor): Item | undefined {
  const { start } = cursor.advance();
  if (cursor.token.kind !== "string") {
    cursor.unexpected("the file name in double quotes");
    skipToItem(cursor);
    return undefined;
  }
  const { closed } = cursor.token;
  const path = cursor.string();
  cursor.accept(";");
  if (!closed) return undefined;
  return { kind: "include", path, span: cursor.spanFrom(start) };
}
