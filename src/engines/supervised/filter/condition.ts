/**
 * Conditions over the registers of a call that classic BPF can test. What it cannot (memory, ids, paths) is
 * bounded from two sides: `certain` implies the filter of the rule, and the filter implies `possible`.
 */
import { DataOffset, type FilterDecision, type Test } from "./decision.ts";

export type FilterCondition =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "not"; readonly operand: FilterCondition }
  | { readonly kind: "and" | "or"; readonly left: FilterCondition; readonly right: FilterCondition }
  | { readonly kind: "word"; readonly test: Omit<Test, "kind" | "ifTrue" | "ifFalse"> };

export const ALWAYS: FilterCondition = { kind: "constant", value: true };
export const NEVER: FilterCondition = { kind: "constant", value: false };

export function not(operand: FilterCondition): FilterCondition {
  if (operand.kind === "constant") return operand.value ? NEVER : ALWAYS;
  return operand.kind === "not" ? operand.operand : { kind: "not", operand };
}

export function and(left: FilterCondition, right: FilterCondition): FilterCondition {
  if (left.kind === "constant") return left.value ? right : NEVER;
  if (right.kind === "constant") return right.value ? left : NEVER;
  return { kind: "and", left, right };
}

export function or(left: FilterCondition, right: FilterCondition): FilterCondition {
  if (left.kind === "constant") return left.value ? ALWAYS : right;
  if (right.kind === "constant") return right.value ? ALWAYS : left;
  return { kind: "or", left, right };
}

/** The parts of a && or || in order. A list of numbers is a chain of thousands: no recursion along it. */
function chain(condition: Extract<FilterCondition, { kind: "and" | "or" }>): FilterCondition[] {
  const parts: FilterCondition[] = [];
  const todo: FilterCondition[] = [condition];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next.kind === condition.kind) todo.push(next.right, next.left);
    else parts.push(next);
  }
  return parts;
}

/** Continues with `then` where the condition holds, else with `otherwise`. */
export function branch(
  condition: FilterCondition,
  then: FilterDecision,
  otherwise: FilterDecision,
): FilterDecision {
  switch (condition.kind) {
    case "constant":
      return condition.value ? then : otherwise;
    case "not":
      return branch(condition.operand, otherwise, then);
    case "and":
      return chain(condition).reduceRight((next, one) => branch(one, next, otherwise), then);
    case "or":
      return chain(condition).reduceRight((next, one) => branch(one, then, next), otherwise);
    case "word":
      return { kind: "test", ...condition.test, ifTrue: then, ifFalse: otherwise };
  }
}

const WORD = 0xffff_ffffn;
const SIGN = 0x8000_0000;

function lowWord(arg: number): number {
  return DataOffset.args + arg * 8;
}

/** Bits of a register that a condition looks at. */
export interface FilterField {
  readonly arg: number;
  /** 32: the low word after `mask`; 64: all of it. */
  readonly bits: 32 | 64;
  readonly mask?: number;
  /** Order as two's complement. */
  readonly signed: boolean;
}

/** Whether the value lies in [low, high], both of which it could have. */
export function inRange(field: FilterField, low: bigint, high: bigint): FilterCondition {
  const width = BigInt(field.bits);
  const bias = field.signed ? 1n << (width - 1n) : 0n;
  const from = low + bias;
  const to = high + bias;
  const top = (1n << width) - 1n;
  if (from > to) return NEVER;
  if (from === to) return equals(field, BigInt.asUintN(field.bits, low));
  return and(
    from === 0n ? ALWAYS : atLeast(field, from),
    to === top ? ALWAYS : not(atLeast(field, to + 1n)),
  );
}

function equals(field: FilterField, raw: bigint): FilterCondition {
  const low = word(field, "low", "eq", Number(raw & WORD), false);
  if (field.bits === 32) return low;
  return and(low, word(field, "high", "eq", Number(raw >> 32n), false));
}

/** `limit` is biased like the value if the field is signed. */
function atLeast(field: FilterField, limit: bigint): FilterCondition {
  if (field.bits === 32) return word(field, "low", "ge", Number(limit), field.signed);
  const high = Number(limit >> 32n);
  return or(
    word(field, "high", "gt", high, field.signed),
    and(
      word(field, "high", "eq", high, field.signed),
      word(field, "low", "ge", Number(limit & WORD), false),
    ),
  );
}

function word(
  { arg, mask }: FilterField,
  part: "low" | "high",
  op: Test["op"],
  value: number,
  isBiased: boolean,
): FilterCondition {
  const test = {
    load: lowWord(arg) + (part === "high" ? 4 : 0),
    ...(mask === undefined ? {} : { and: mask }),
    ...(isBiased ? { add: SIGN } : {}),
    op,
    value,
  };
  return { kind: "word", test };
}
