/** Expressions, by precedence climbing; one syntax error per expression is reported. */
import type { BinaryOp, Expr, SetItem } from "../ast.ts";
import { childrenOf } from "../walk.ts";
import { type Cursor, describe, type Escapes } from "./cursor.ts";

/** Deepest nesting of an expression; all later phases recurse over the tree. */
const MAX_DEPTH = 200;

/** Binding strength, from loose to tight, as in C; string tests bind like `<`. */
export const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ["||", 1],
  ["&&", 2],
  ["|", 3],
  ["^", 4],
  ["&", 5],
  ["==", 6],
  ["!=", 6],
  ...[
    "<",
    "<=",
    ">",
    ">=",
    "=~",
    "!~",
    "matches",
    "startswith",
    "endswith",
    "contains",
    "icontains",
    "in",
    "not",
  ].map((op): [string, number] => [op, 7]),
  ["<<", 8],
  [">>", 8],
  ["+", 9],
  ["-", 9],
  ["*", 10],
  ["/", 10],
  ["%", 10],
]);
const SHIFT = 8;
const BIT_OR = 3;
const PATTERN_OPS: ReadonlySet<string> = new Set(["=~", "!~", "matches"]);
/** Operators that take a list on their right, besides `in`. */
const LIST_OPS: ReadonlySet<string> = new Set([
  ...PATTERN_OPS,
  ...["==", "!=", "startswith", "endswith", "contains", "icontains"],
]);
const BITWISE: ReadonlySet<string> = new Set(["&", "|", "^"]);

/** What people of other languages write. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ["=", "`==` compares"],
  ["and", "`&&` is the conjunction"],
  ["AND", "`&&` is the conjunction"],
  ["or", "`||` is the disjunction"],
  ["OR", "`||` is the disjunction"],
  ["not", "`!` negates"],
]);

/** How they are understood once they are reported. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ["=", "=="],
  ["and", "&&"],
  ["AND", "&&"],
  ["or", "||"],
  ["OR", "||"],
]);

export class ExpressionParser {
  readonly #cursor: Cursor;
  /** A `=` may follow the expression. */
  readonly #beforeAssign: boolean;
  readonly #depths = new WeakMap<Expr, number>();
  /** Comparisons that stand in parentheses, for the warning about `a & b == c`. */
  readonly #parenthesized = new WeakSet<Expr>();
  #nesting = 0;
  /** Where a `(` may begin a list. */
  #listAt = -1;
  /** An error was reported in this expression: the rest would only be echoes. */
  failed = false;

  constructor(cursor: Cursor, beforeAssign = false) {
    this.#cursor = cursor;
    this.#beforeAssign = beforeAssign;
  }

  /** A whole expression. */
  parse(): Expr {
    this.failed = false;
    this.#nesting = 0;
    return this.#binary(1, "refuse");
  }

  /** The members of a list, up to its closing brace (not taken). */
  parseList(): SetItem[] {
    this.failed = false;
    this.#nesting = 0;
    return this.#set("}", "later");
  }

  #fail(): Expr {
    this.failed = true;
    const { token } = this.#cursor;
    return { kind: "error", span: this.#cursor.span(token.start, token.start) };
  }

  #tooDeep(): Expr {
    const { report, token } = this.#cursor;
    if (!this.failed) report.add("too_deep", this.#cursor.spanOf(token), [MAX_DEPTH]);
    return this.#fail();
  }

  /** Notes the depth of a new node; an error node when it is too deep. */
  #node(expr: Expr, ...children: readonly Expr[]): Expr {
    let depth = 1;
    for (const child of children) depth = Math.max(depth, (this.#depths.get(child) ?? 0) + 1);
    if (depth > MAX_DEPTH) return this.#tooDeep();
    this.#depths.set(expr, depth);
    return expr;
  }

  #binary(minimum: number, escapes: Escapes): Expr {
    if (this.#nesting > MAX_DEPTH) return this.#tooDeep();
    this.#nesting++;
    const cursor = this.#cursor;
    const { start } = cursor.token;
    let left = this.#unary(escapes);
    while (!this.failed) {
      const { token } = cursor;
      if (token.kind !== "punctuation" && token.kind !== "word") break;
      const op = this.#operator(token.text);
      const strength = PRECEDENCE.get(op);
      if (strength === undefined || strength < minimum) break;
      if (op !== token.text) cursor.unexpected("an operator", this.foreign());
      if (op === "||" || op === "&&") left = this.#logical(op, strength, left, start);
      else if (op === "in" || op === "not") left = this.#in(left, start);
      else {
        cursor.advance();
        if (LIST_OPS.has(op)) this.#listAt = cursor.token.start;
        const right = this.#binary(strength + 1, PATTERN_OPS.has(op) ? "keep" : "refuse");
        if (BITWISE.has(op)) this.#warnPrecedence(op, left, right);
        const span = cursor.spanFrom(start);
        left = this.#node({ kind: "binary", op: op as BinaryOp, left, right, span }, left, right);
      }
    }
    this.#nesting--;
    return left;
  }

  #logical(op: "||" | "&&", strength: number, first: Expr, start: number): Expr {
    const operands = [first];
    while (!this.failed && this.#operator(this.#cursor.token.text) === op) {
      if (!this.#cursor.is(op)) this.#cursor.unexpected("an operator", this.foreign());
      this.#cursor.advance();
      operands.push(this.#binary(strength + 1, "refuse"));
    }
    const expr: Expr = { kind: "logical", op, operands, span: this.#cursor.spanFrom(start) };
    return this.#node(expr, ...operands.slice(0, 0), this.#deepest(operands));
  }

  #deepest(operands: readonly Expr[]): Expr {
    let deepest = operands[0] as Expr;
    for (const operand of operands) {
      if ((this.#depths.get(operand) ?? 0) > (this.#depths.get(deepest) ?? 0)) deepest = operand;
    }
    return deepest;
  }

  #in(operand: Expr, start: number): Expr {
    const cursor = this.#cursor;
    const negated = cursor.accept("not");
    if (!cursor.accept("in")) {
      cursor.unexpected("`in`");
      return this.#fail();
    }
    let set: SetItem[];
    if (cursor.accept("(")) {
      set = this.#set(")", "refuse");
      if (!this.failed && !cursor.accept(")")) {
        cursor.unexpected("`,` or `)`");
        this.failed = true;
      }
    } else set = [this.#setItem(SHIFT, "refuse")];
    const expr: Expr = { kind: "in", negated, operand, set, span: cursor.spanFrom(start) };
    return this.#node(expr, this.#deepest(childrenOf(expr)));
  }

  #set(close: string, escapes: Escapes): SetItem[] {
    const cursor = this.#cursor;
    const items: SetItem[] = [];
    if (cursor.is(close)) {
      cursor.report.add("empty_list", cursor.spanOf(cursor.token), []);
      return items;
    }
    for (;;) {
      items.push(this.#setItem(BIT_OR, escapes));
      if (this.failed || !cursor.accept(",")) return items;
      // A comma may end the last line of a list.
      if (cursor.is(close)) return items;
    }
  }

  #setItem(strength: number, escapes: Escapes): SetItem {
    const cursor = this.#cursor;
    const { start } = cursor.token;
    const low = this.#binary(strength, escapes);
    if (!this.failed && cursor.accept("..")) {
      const high = this.#binary(strength, escapes);
      return { kind: "range", low, high, span: cursor.spanFrom(start) };
    }
    return { kind: "value", value: low, span: cursor.spanFrom(start) };
  }

  #unary(escapes: Escapes): Expr {
    const cursor = this.#cursor;
    const { token } = cursor;
    if (token.kind === "punctuation") {
      if (token.text === "!" || token.text === "-" || token.text === "~") {
        return this.#prefix([token.text]);
      }
      // `!~x` is the negation of a complement where an operand begins.
      if (token.text === "!~") return this.#prefix(["!", "~"]);
    }
    return this.#postfix(this.#primary(escapes), token.start);
  }

  #prefix(ops: readonly ("!" | "-" | "~")[]): Expr {
    const cursor = this.#cursor;
    const { start } = cursor.advance();
    if (++this.#nesting > MAX_DEPTH) return this.#tooDeep();
    let operand = this.#unary("refuse");
    this.#nesting--;
    for (const [i, op] of ops.toReversed().entries()) {
      const span = cursor.spanFrom(start + ops.length - 1 - i);
      operand = this.#node({ kind: "unary", op, operand, span }, operand);
    }
    return operand;
  }

  #primary(escapes: Escapes): Expr {
    const cursor = this.#cursor;
    const { token } = cursor;
    switch (token.kind) {
      case "number":
      case "character":
        if (token.closed === false) this.failed = true;
        return cursor.number() ?? { kind: "error", span: cursor.spanOf(token) };
      case "string":
        // The rest of the line is in it, and with it what should follow.
        if (!token.closed) this.failed = true;
        return cursor.string(escapes);
      case "network":
        cursor.advance();
        return { kind: "network", text: token.text, span: cursor.spanOf(token) };
      case "word":
        if (PRECEDENCE.has(token.text)) return this.#missing();
        return this.#named();
      case "punctuation":
        if (token.text === "(") {
          const mayBeList = token.start === this.#listAt;
          cursor.advance();
          const inner = this.#binary(1, escapes);
          if (mayBeList && cursor.accept(",")) return this.#listFrom(inner, escapes, token.start);
          if (!this.failed && !cursor.accept(")")) {
            cursor.unexpected("an operator or `)`", this.foreign());
            this.failed = true;
          }
          this.#parenthesized.add(inner);
          return inner;
        }
        return this.#missing();
      default:
        return this.#missing();
    }
  }

  /** The list whose first member is parsed. */
  #listFrom(first: Expr, escapes: Escapes, start: number): Expr {
    const cursor = this.#cursor;
    // a comma may end it
    const rest = cursor.is(")") ? [] : this.#set(")", escapes);
    const items: SetItem[] = [{ kind: "value", value: first, span: first.span }, ...rest];
    if (!this.failed && !cursor.accept(")")) {
      cursor.unexpected("`,` or `)`");
      this.failed = true;
    }
    if (rest.length === 0) return first;
    const expr: Expr = { kind: "set", items, span: cursor.spanFrom(start) };
    return this.#node(expr, this.#deepest(childrenOf(expr)));
  }

  #missing(): Expr {
    const cursor = this.#cursor;
    const { token } = cursor;
    const hint =
      token.text === "/"
        ? 'a string stands in double quotes: "/etc/passwd"'
        : FOREIGN.get(token.text);
    const extra = { expected: "an operand", ...(hint ? { hint } : {}) };
    if (!this.failed) {
      if (token.kind === "end" || token.kind === "other") cursor.unexpected("an operand");
      else cursor.report.add("missing_operand", cursor.spanOf(token), [describe(token)], extra);
    }
    return this.#fail();
  }

  /** The operator that a token is, or was meant to be. */
  #operator(text: string): string {
    if (this.#cursor.token.kind === "string") return "";
    return text === "=" && this.#beforeAssign ? text : (MEANT.get(text) ?? text);
  }

  /** A hint when the current token is an operator of another language. */
  foreign(): { hint?: string } {
    const hint = FOREIGN.get(this.#cursor.token.text);
    return hint === undefined ? {} : { hint };
  }

  #named(): Expr {
    const cursor = this.#cursor;
    const word = cursor.advance();
    if (cursor.accept("[")) {
      const index = this.#binary(1, "refuse");
      if (!this.failed && !cursor.accept("]")) {
        cursor.unexpected("`]`");
        this.failed = true;
      }
      const span = cursor.spanFrom(word.start);
      return this.#node({ kind: "index", name: word.text, index, span }, index);
    }
    if (cursor.accept("(")) {
      const args: Expr[] = [];
      while (!this.failed && !cursor.is(")")) {
        args.push(this.#binary(1, "refuse"));
        if (!cursor.accept(",")) break;
      }
      if (!this.failed && !cursor.accept(")")) {
        cursor.unexpected("`,` or `)`");
        this.failed = true;
      }
      const span = cursor.spanFrom(word.start);
      const expr: Expr = { kind: "call", name: word.text, args, span };
      return args.length > 0 ? this.#node(expr, this.#deepest(args)) : expr;
    }
    return { kind: "name", name: word.text, span: cursor.spanOf(word) };
  }

  #postfix(base: Expr, start: number): Expr {
    const cursor = this.#cursor;
    if (this.failed || !cursor.is(".")) return base;
    const path: string[] = [];
    while (cursor.accept(".")) {
      if (cursor.token.kind !== "word") {
        cursor.unexpected(
          "a field name",
          base.kind === "number" ? { hint: "a range has two dots: `1000..1999`" } : {},
        );
        return this.#fail();
      }
      path.push(cursor.advance().text);
    }
    const span = cursor.spanFrom(start);
    return this.#node({ kind: "field", base, path: path.join("."), span }, base);
  }

  #warnPrecedence(op: string, left: Expr, right: Expr): void {
    for (const side of [left, right]) {
      if (this.#parenthesized.has(side) || side.kind !== "binary") continue;
      const strength = PRECEDENCE.get(side.op) ?? 0;
      if (strength !== 6 && strength !== 7) continue;
      this.#cursor.report.add("precedence", side.span, [side.op, op], {
        hint: `put parentheses around the operands of \`${op}\``,
      });
    }
  }
}
