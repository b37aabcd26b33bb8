/** Expressions → canonical text: one space around operators, only the parentheses that are needed. */
import type { Expr, SetItem } from "./ast.ts";
import { PRECEDENCE } from "./parse/expression.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// What may stand in a string as it is: printable, and nothing that reorders or hides text.
const PLAIN = /^[ !#-[\]-~\u00a1-\u00ac\u00ae-\u0377\u0400-\u052f\u3041-\u30ff\u4e00-\u9fff]$/u;
const SPECIAL: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\t", "\\t"],
  ["\\", "\\\\"],
  ['"', '\\"'],
]);

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, "0")}`;

function printText(text: string): string {
  let out = "";
  for (const character of text) {
    if (PLAIN.test(character)) out += character;
    else {
      out +=
        SPECIAL.get(character) ?? Array.from(new TextEncoder().encode(character), hex).join("");
    }
  }
  return out;
}

/** A string literal that decodes to exactly these bytes. */
export function printString(value: Uint8Array): string {
  try {
    return `"${printText(decoder.decode(value))}"`;
  } catch {
    // Not UTF-8: the ASCII in it stays legible.
    const parts = Array.from(value, (b) => (b < 0x80 ? printText(String.fromCharCode(b)) : hex(b)));
    return `"${parts.join("")}"`;
  }
}

/** The same of a text. */
export function quotedText(text: string): string {
  return printString(new TextEncoder().encode(text));
}

/** Strength with which a printed expression holds together; atoms most. */
function strengthOf(expr: Expr): number {
  switch (expr.kind) {
    case "logical":
    case "binary":
      return PRECEDENCE.get(expr.op) ?? 0;
    case "in":
      return PRECEDENCE.get("in") ?? 0;
    case "unary":
      return 11;
    default:
      return 12;
  }
}

const isComparison = (expr: Expr): boolean => {
  const strength = strengthOf(expr);
  return strength === 6 || strength === 7;
};

function wrap(expr: Expr, minimum: number): string {
  const text = printExpr(expr);
  return strengthOf(expr) < minimum ? `(${text})` : text;
}

/** Canonical text of an expression. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case "number":
    case "network":
      return expr.text;
    case "string":
      return printString(expr.value);
    case "name":
      return expr.name;
    case "index":
      return `${expr.name}[${printExpr(expr.index)}]`;
    case "field":
      return `${wrap(expr.base, 12)}.${expr.path}`;
    case "call":
      return `${expr.name}(${expr.args.map(printExpr).join(", ")})`;
    case "unary": {
      const operand = wrap(expr.operand, 11);
      // `!~x` would read as the operator `!~`.
      return expr.op === "!" && operand.startsWith("~") ? `!(${operand})` : expr.op + operand;
    }
    case "logical": {
      const strength = strengthOf(expr) + 1;
      return expr.operands.map((operand) => wrap(operand, strength)).join(` ${expr.op} `);
    }
    case "binary":
      return printBinary(expr);
    case "in":
      return `${wrap(expr.operand, 7)} ${expr.negated ? "not in" : "in"} ${printSet(expr.set)}`;
    case "set":
      return `(${expr.items.map(printSetItem).join(", ")})`;
    case "error":
      return "0";
  }
}

function printBinary(expr: Extract<Expr, { kind: "binary" }>): string {
  const strength = strengthOf(expr);
  const bitwise = strength >= 3 && strength <= 5;
  // Parentheses that C does not need, but readers do: `(a == b) & c`.
  const side = (child: Expr, minimum: number) =>
    bitwise && isComparison(child) ? `(${printExpr(child)})` : wrap(child, minimum);
  return `${side(expr.left, strength)} ${expr.op} ${side(expr.right, strength + 1)}`;
}

function printSet(set: readonly SetItem[]): string {
  const [only] = set;
  if (set.length === 1 && only?.kind === "value") {
    if (only.value.kind === "name" || only.value.kind === "network") return printExpr(only.value);
  }
  return `(${set.map(printSetItem).join(", ")})`;
}

/** Canonical text of one item of a set or list. */
export function printSetItem(item: SetItem): string {
  return item.kind === "value"
    ? wrap(item.value, 3)
    : `${wrap(item.low, 3)}..${wrap(item.high, 3)}`;
}
