/** `policy NAME { … }`: lists of what is allowed, and what happens to the rest. */
import type { Expr, PolicyEntry, PolicyItem, PolicyMember } from "../ast.ts";
import type { PolicyRight } from "../checked/policy.ts";
import { atItem, type Cursor, skipToItem } from "./cursor.ts";
import { ExpressionParser } from "./expression.ts";
import { atEntry, parseBlock } from "./rule.ts";

/** In the order in which they are explained. */
export const POLICY_RIGHTS = [
  "read",
  "write",
  "execute",
  "attributes",
  "connect",
  "listen",
  "unix",
] as const satisfies readonly PolicyRight[];

/** Entries of a policy. */
export const POLICY_ENTRIES: readonly string[] = [...POLICY_RIGHTS, "otherwise"];

/** The current token is `policy`. */
export function parsePolicy(cursor: Cursor): PolicyItem | undefined {
  const { start } = cursor.advance();
  // it becomes part of the names and lines of rules
  const isQuoted = cursor.token.kind === "string";
  const name = isQuoted ? undefined : cursor.name("the name of the policy");
  if (name === undefined) {
    if (isQuoted) cursor.unexpected("the name of the policy, without quotes");
    skipToItem(cursor);
    return undefined;
  }
  const { entries, broken } = parseBlock(cursor, "policy", POLICY_ENTRIES, [], policyEntry);
  const span = cursor.spanFrom(start);
  return { kind: "policy", name, entries, ...(broken ? { broken } : {}), span };
}

function policyEntry(cursor: Cursor): PolicyEntry | undefined {
  const { start, text } = cursor.advance();
  if (text === "otherwise") return otherwise(cursor, start);
  const items = members(cursor);
  return items && { kind: text as PolicyRight, items, span: cursor.spanFrom(start) };
}

function otherwise(cursor: Cursor, start: number): PolicyEntry | undefined {
  if (!cursor.expect("=")) return undefined;
  const what = cursor.name("`LOG` or `FAIL`");
  if (what === undefined) return undefined;
  let errno: Expr | undefined;
  if (what.text === "FAIL" && !endsHere(cursor)) {
    const parser = new ExpressionParser(cursor);
    errno = parser.parse();
    if (parser.failed) return undefined;
  }
  const span = cursor.spanFrom(start);
  return { kind: "otherwise", what, ...(errno ? { errno } : {}), span };
}

const endsHere = (cursor: Cursor): boolean =>
  cursor.token.kind === "end" ||
  cursor.is("}") ||
  cursor.is(";") ||
  atEntry(cursor, POLICY_ENTRIES);

/** `{ "…", not LIST, 10.0.0.0/8 }`; it may be empty. */
function members(cursor: Cursor): PolicyMember[] | undefined {
  if (!cursor.expect("{")) return undefined;
  const found: PolicyMember[] = [];
  while (!cursor.is("}")) {
    const member = parseMember(cursor);
    if (member === undefined) break;
    found.push(member);
    if (!cursor.accept(",")) break;
  }
  if (cursor.accept("}")) return found;
  if (found.length === 0 || cursor.token.kind !== "end")
    cursor.unexpected("`,` or `}`", hintAt(cursor));
  cursor.skipToClose(() => atItem(cursor) || atEntry(cursor, POLICY_ENTRIES));
  cursor.accept("}");
  return undefined;
}

function hintAt({ token }: Cursor): { hint?: string } {
  if (token.text.startsWith("@"))
    return { hint: 'an abstract socket stands in double quotes: `"@name"`' };
  if (token.text.startsWith("/")) return { hint: 'a file stands in double quotes: `"/usr/**"`' };
  return {};
}

function parseMember(cursor: Cursor): PolicyMember | undefined {
  const { start } = cursor.token;
  const negated = cursor.accept("not");
  const value = memberValue(cursor);
  return value && { negated, value, span: cursor.spanFrom(start) };
}

function memberValue(cursor: Cursor): Expr | undefined {
  const { token } = cursor;
  const span = cursor.spanOf(token);
  switch (token.kind) {
    case "string": {
      const value = cursor.string("keep");
      return token.closed === true ? value : undefined;
    }
    case "network":
      cursor.advance();
      return { kind: "network", text: token.text, span };
    case "word":
      cursor.advance();
      return { kind: "name", name: token.text, span };
    default:
      return undefined;
  }
}
