/** Builds checked nodes and evaluates what is constant on the way, with the evaluator's arithmetic. */
import type { Span } from "../../base/span.ts";
import type { BoolExpr, CompareOp, IntExpr } from "../checked/index.ts";
import { type ArithmeticOp, applyArithmetic, compareInts } from "../evaluate/arithmetic.ts";
import { boolConstant, intConstant, isAbsent } from "./value.ts";

export function negate(operand: IntExpr, span: Span): IntExpr {
  const { unsigned } = operand;
  if (operand.kind === "int") {
    // -9223372036854775808: its digits alone need an unsigned number, the value does not.
    const minimum = unsigned && operand.value === 1n << 63n;
    return intConstant(-operand.value, unsigned && !minimum, span);
  }
  return { kind: "negate", operand, unsigned, span };
}

export function complement(operand: IntExpr, span: Span): IntExpr {
  const { unsigned } = operand;
  if (operand.kind === "int") return intConstant(~operand.value, unsigned, span);
  return { kind: "complement", operand, unsigned, span };
}

export function arithmetic(op: ArithmeticOp, left: IntExpr, right: IntExpr, span: Span): IntExpr {
  // As in C, a shift has the type of its left operand.
  const shift = op === "<<" || op === ">>";
  const unsigned = left.unsigned || (!shift && right.unsigned);
  if (left.kind === "int" && right.kind === "int") {
    const value = applyArithmetic(op, left.value, right.value, unsigned);
    if (value !== undefined) return intConstant(value, unsigned, span);
  }
  return { kind: "arithmetic", op, left, right, unsigned, span };
}

export function compare(op: CompareOp, left: IntExpr, right: IntExpr, span: Span): BoolExpr {
  const unsigned = left.unsigned || right.unsigned;
  if (left.kind === "int" && right.kind === "int") {
    return boolConstant(compareInts(op, left.value, right.value, unsigned), span);
  }
  return { kind: "compare", op, left, right, unsigned, span };
}

export function not(operand: BoolExpr, span: Span): BoolExpr {
  if (isAbsent(operand)) return operand;
  if (operand.kind === "constant") return boolConstant(!operand.value, span);
  return { kind: "not", operand, span };
}

/** Truth of a number. */
export function truth(operand: IntExpr, span: Span): BoolExpr {
  if (operand.kind === "int") return boolConstant(operand.value !== 0n, span);
  if (operand.kind === "boolean") return operand.operand;
  return { kind: "truth", operand, span };
}

/** A balanced tree, as a chain of thousands would be too deep to recurse over. Keeps the order. */
export function connect(kind: "and" | "or", operands: readonly BoolExpr[], span: Span): BoolExpr {
  const absorbing = kind === "or";
  const kept: BoolExpr[] = [];
  let absent: BoolExpr | undefined;
  for (const operand of operands) {
    if (operand.kind !== "constant") kept.push(operand);
    else if (isAbsent(operand)) absent = operand;
    else if (operand.value === absorbing) return boolConstant(absorbing, span);
  }
  // without what one of them asks for, not all can hold
  if (absent !== undefined && (kind === "and" || kept.length === 0)) return absent;
  return balance(kind, kept, 0, kept.length, span) ?? boolConstant(!absorbing, span);
}

function balance(
  kind: "and" | "or",
  operands: readonly BoolExpr[],
  from: number,
  to: number,
  span: Span,
): BoolExpr | undefined {
  if (to - from <= 1) return operands[from];
  const middle = (from + to) >> 1;
  const left = balance(kind, operands, from, middle, span);
  const right = balance(kind, operands, middle, to, span);
  return left && right ? { kind, left, right, span } : (left ?? right);
}
