/** 64-bit arithmetic of the language, as C has it on x86-64. Values may come in either sign; only their bits count. */
import type { CompareOp, IntExpr } from "../checked/index.ts";

export type ArithmeticOp = Extract<IntExpr, { kind: "arithmetic" }>["op"];

/** Signed or unsigned reading of 64 bits. */
export function asInt(value: bigint, unsigned: boolean): bigint {
  return unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
}

/** Result in the sign of the node; undefined for a division by zero. */
export function applyArithmetic(
  op: ArithmeticOp,
  left: bigint,
  right: bigint,
  unsigned: boolean,
): bigint | undefined {
  const a = asInt(left, unsigned);
  const b = asInt(right, unsigned);
  switch (op) {
    case "+":
      return asInt(a + b, unsigned);
    case "-":
      return asInt(a - b, unsigned);
    case "*":
      return asInt(a * b, unsigned);
    // BigInt truncates towards zero like C; the minimum divided by -1 wraps.
    case "/":
      return b === 0n ? undefined : asInt(a / b, unsigned);
    case "%":
      return b === 0n ? undefined : asInt(a % b, unsigned);
    case "<<":
      return asInt(a << (b & 63n), unsigned);
    case ">>":
      return asInt(a >> (b & 63n), unsigned);
    case "&":
      return asInt(a & b, unsigned);
    case "|":
      return asInt(a | b, unsigned);
    case "^":
      return asInt(a ^ b, unsigned);
  }
}

/** Compares 64-bit numbers. */
export function compareInts(
  op: CompareOp,
  left: bigint,
  right: bigint,
  unsigned: boolean,
): boolean {
  const a = asInt(left, unsigned);
  const b = asInt(right, unsigned);
  return holds(op, a < b ? -1 : a > b ? 1 : 0);
}

/** Whether `op` holds for operands that order like this (negative: left is smaller). */
export function holds(op: CompareOp, order: number): boolean {
  switch (op) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

const MIRRORED: Readonly<Record<CompareOp, CompareOp>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** The comparison that says the same with its operands exchanged. */
export function mirror(op: CompareOp): CompareOp {
  return MIRRORED[op];
}

/** Order of two byte strings, as memcmp and then length. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
