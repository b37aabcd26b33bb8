/** Finds conditions that cannot hold together: `UID == 0 && UID == 1`. */
import type { BoolExpr, IntExpr, StringExpr } from "../checked/index.ts";
import { latin1 } from "../strings/latin1.ts";

const MIN = -(1n << 63n);
const MAX = (1n << 64n) - 1n;

type Range = { readonly low: bigint; readonly high: bigint };

/** Whether a condition certainly never holds. */
export function isContradiction(expr: BoolExpr): boolean {
  if (expr.kind === "constant") return !expr.value;
  if (expr.kind === "or") return isContradiction(expr.left) && isContradiction(expr.right);
  if (expr.kind !== "and") return false;
  const parts = conjunctsOf(expr);
  const numberParts = parts.filter((p) => p.kind === "compare" || p.kind === "inRanges").length;
  const stringParts = parts.filter((p) => p.kind === "stringTest" || p.kind === "stringIn").length;
  const numbers = new Map<string, readonly Range[]>();
  const strings = new Map<string, ReadonlySet<string>>();
  for (const part of parts) {
    if (part.kind === "constant" && !part.value) return true;
    if (part.kind === "or" && isContradiction(part)) return true;
    const number = numberParts > 1 ? numberRanges(part) : undefined;
    if (number) {
      const known = numbers.get(number.key);
      const ranges = known ? intersect(known, number.ranges) : number.ranges;
      if (ranges.length === 0) return true;
      numbers.set(number.key, ranges);
    }
    const string = stringParts > 1 ? stringValues(part) : undefined;
    if (string) {
      const known = strings.get(string.key);
      const values = known
        ? new Set([...string.values].filter((value) => known.has(value)))
        : string.values;
      if (values.size === 0) return true;
      strings.set(string.key, values);
    }
  }
  return false;
}

/** The conditions that must all hold. */
export function conjunctsOf(expr: BoolExpr): BoolExpr[] {
  const found: BoolExpr[] = [];
  const todo = [expr];
  for (let next = todo.pop(); next; next = todo.pop()) {
    if (next.kind === "and") todo.push(next.right, next.left);
    else found.push(next);
  }
  return found;
}

/** The same operand written twice has the same key. */
function operandKey(operand: IntExpr | StringExpr): string {
  return JSON.stringify(operand, (key, value: unknown) =>
    key === "span" ? undefined : typeof value === "bigint" ? String(value) : value,
  );
}

function numberRanges(expr: BoolExpr): { key: string; ranges: readonly Range[] } | undefined {
  if (expr.kind === "inRanges") {
    return { key: `${expr.unsigned}${operandKey(expr.operand)}`, ranges: expr.ranges };
  }
  if (expr.kind !== "compare" || expr.right.kind !== "int") return undefined;
  const { value } = expr.right;
  const key = `${expr.unsigned}${operandKey(expr.left)}`;
  switch (expr.op) {
    case "==":
      return { key, ranges: [{ low: value, high: value }] };
    case "!=":
      return {
        key,
        ranges: [
          { low: MIN, high: value - 1n },
          { low: value + 1n, high: MAX },
        ],
      };
    case "<":
      return { key, ranges: [{ low: MIN, high: value - 1n }] };
    case "<=":
      return { key, ranges: [{ low: MIN, high: value }] };
    case ">":
      return { key, ranges: [{ low: value + 1n, high: MAX }] };
    case ">=":
      return { key, ranges: [{ low: value, high: MAX }] };
  }
}

/** Most ranges that are followed; beyond it nothing is concluded. */
const MAX_RANGES = 64;

function intersect(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  if (a.length * b.length > MAX_RANGES * MAX_RANGES) return a;
  const both: Range[] = [];
  for (const x of a) {
    for (const y of b) {
      if (x.low > y.high || y.low > x.high) continue;
      both.push({ low: later(x.low, y.low), high: -later(-x.high, -y.high) });
    }
  }
  return both;
}

/** Math.max knows no bigint. */
function later(a: bigint, b: bigint): bigint {
  if (a < b) return b;
  return a;
}

function stringValues(expr: BoolExpr): { key: string; values: Set<string> } | undefined {
  if (expr.kind === "stringIn") {
    return { key: operandKey(expr.subject), values: new Set(expr.values.map(latin1)) };
  }
  if (expr.kind !== "stringTest" || expr.op !== "==") return undefined;
  return { key: operandKey(expr.subject), values: new Set([latin1(expr.pattern)]) };
}
