/** Filters of rules to conditions of the seccomp filter: the part that registers alone decide. */
import {
  type BoolExpr,
  type CompareOp,
  type IntExpr,
  mirror,
  type ParamType,
  type Presentation,
  type PresentationGuard,
  type ValueSource,
} from "../../../language/index.ts";
import {
  ALWAYS,
  and,
  type FilterCondition,
  type FilterField,
  inRange,
  NEVER,
  not,
  or,
} from "./condition.ts";

/** `certain` implies the truth, the truth implies `possible`; both are equal where registers decide. */
export interface Bounds {
  readonly certain: FilterCondition;
  readonly possible: FilterCondition;
}

const UNKNOWN: Bounds = { certain: NEVER, possible: ALWAYS };

function exact(condition: FilterCondition): Bounds {
  return { certain: condition, possible: condition };
}

export function boundsOf(expr: BoolExpr | undefined, presentation: Presentation): Bounds {
  if (expr === undefined) return exact(ALWAYS);
  switch (expr.kind) {
    case "constant":
      return exact(expr.value ? ALWAYS : NEVER);
    case "not": {
      const { certain, possible } = boundsOf(expr.operand, presentation);
      return { certain: not(possible), possible: not(certain) };
    }
    case "and":
    case "or": {
      const join = expr.kind === "and" ? and : or;
      const left = boundsOf(expr.left, presentation);
      const right = boundsOf(expr.right, presentation);
      return {
        certain: join(left.certain, right.certain),
        possible: join(left.possible, right.possible),
      };
    }
    case "truth":
      return compareBounds("!=", operandOf(expr.operand, presentation), 0n, false);
    case "compare": {
      const right = operandOf(expr.right, presentation);
      const left = operandOf(expr.left, presentation);
      if (right?.kind === "number") return compareBounds(expr.op, left, right.value, expr.unsigned);
      if (left?.kind === "number")
        return compareBounds(mirror(expr.op), right, left.value, expr.unsigned);
      return UNKNOWN;
    }
    case "inRanges": {
      const operand = operandOf(expr.operand, presentation);
      return expr.ranges
        .map(({ low, high }) => rangeBounds(operand, low, high, expr.unsigned))
        .reduce(
          (all, one) => ({
            certain: or(all.certain, one.certain),
            possible: or(all.possible, one.possible),
          }),
          exact(NEVER),
        );
    }
    default:
      return UNKNOWN;
  }
}

/** Whether a presentation applies. */
export function guardBounds({ source, mask, value }: PresentationGuard): Bounds {
  if (source.kind === "constant") return exact((source.value & mask) === value ? ALWAYS : NEVER);
  if (source.kind === "absent") return exact(NEVER);
  if (source.kind !== "arg" || mask > MAX_U32) return UNKNOWN;
  if ((value & ~mask) !== 0n) return exact(NEVER);
  const field: FilterField = { arg: source.index, bits: 32, mask: Number(mask), signed: false };
  return exact(inRange(field, value, value));
}

const MAX_U32 = 0xffff_ffffn;
const MIN_I64 = -(1n << 63n);
const MAX_I64 = (1n << 63n) - 1n;
const MAX_U64 = (1n << 64n) - 1n;

type Operand =
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "absent" }
  /** Values from `low` to `high`; for 64 bits the order of the comparison decides. */
  | {
      readonly kind: "field";
      readonly field: FilterField;
      readonly low: bigint;
      readonly high: bigint;
    };

/** Undefined: more than the filter can compute. */
function operandOf(expr: IntExpr, presentation: Presentation): Operand | undefined {
  switch (expr.kind) {
    case "int":
      return { kind: "number", value: expr.value };
    case "param": {
      const param = presentation.params[expr.index - 1];
      return param === undefined ? { kind: "absent" } : fieldOf(param.source, param.type);
    }
    case "arithmetic": {
      if (expr.op !== "&") return undefined;
      const left = operandOf(expr.left, presentation);
      const right = operandOf(expr.right, presentation);
      return maskOf(left, right) ?? maskOf(right, left);
    }
    default:
      return undefined;
  }
}

function fieldOf(source: ValueSource, { size, signed }: ParamType): Operand | undefined {
  switch (source.kind) {
    case "absent":
      return { kind: "absent" };
    case "constant": {
      const bits = size * 8;
      const value = signed ? BigInt.asIntN(bits, source.value) : BigInt.asUintN(bits, source.value);
      return { kind: "number", value };
    }
    case "memory":
    case "process":
    case "unknown":
      return undefined;
    case "arg": {
      const arg = source.index;
      if (size === 8)
        return { kind: "field", field: { arg, bits: 64, signed }, low: MIN_I64, high: MAX_U64 };
      const bits = BigInt(size * 8);
      if (size < 4 && signed) return undefined;
      const mask = size < 4 ? { mask: Number((1n << bits) - 1n) } : {};
      const half = 1n << (bits - 1n);
      const [low, high] = signed ? [-half, half - 1n] : [0n, 2n * half - 1n];
      return { kind: "field", field: { arg, bits: 32, signed, ...mask }, low, high };
    }
  }
}

/** A register and a constant whose upper half is zero: the lower half is all there is. */
function maskOf(value: Operand | undefined, mask: Operand | undefined): Operand | undefined {
  if (mask?.kind !== "number" || mask.value < 0n || mask.value > MAX_U32) return undefined;
  if (value?.kind === "absent") return value;
  if (value?.kind === "number") return { kind: "number", value: value.value & mask.value };
  if (value === undefined) return undefined;
  const own = value.field.mask ?? 0xffff_ffff;
  const bits = (own & Number(mask.value)) >>> 0;
  const field: FilterField = { arg: value.field.arg, bits: 32, mask: bits, signed: false };
  return { kind: "field", field, low: 0n, high: BigInt(bits) };
}

function compareBounds(
  op: CompareOp,
  operand: Operand | undefined,
  value: bigint,
  unsigned: boolean,
): Bounds {
  const lowest = unsigned ? 0n : MIN_I64;
  const highest = unsigned ? MAX_U64 : MAX_I64;
  const limit = unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  switch (op) {
    case "==":
      return rangeBounds(operand, limit, limit, unsigned);
    case "!=":
      return either(
        rangeBounds(operand, lowest, limit - 1n, unsigned),
        rangeBounds(operand, limit + 1n, highest, unsigned),
      );
    case "<":
      return rangeBounds(operand, lowest, limit - 1n, unsigned);
    case "<=":
      return rangeBounds(operand, lowest, limit, unsigned);
    case ">":
      return rangeBounds(operand, limit + 1n, highest, unsigned);
    case ">=":
      return rangeBounds(operand, limit, highest, unsigned);
  }
}

function either(a: Bounds, b: Bounds): Bounds {
  return { certain: or(a.certain, b.certain), possible: or(a.possible, b.possible) };
}

/** Whether the operand lies in [low, high] in the order that `unsigned` says. */
function rangeBounds(
  operand: Operand | undefined,
  low: bigint,
  high: bigint,
  unsigned: boolean,
): Bounds {
  if (operand === undefined) return UNKNOWN;
  if (operand.kind === "absent" || low > high) return exact(NEVER);
  if (operand.kind === "number") {
    const value = unsigned ? BigInt.asUintN(64, operand.value) : BigInt.asIntN(64, operand.value);
    return exact(value >= low && value <= high ? ALWAYS : NEVER);
  }
  const { field } = operand;
  if (field.bits === 64) return exact(inRange({ ...field, signed: !unsigned }, low, high));
  // a negative number that is compared as an unsigned one is beyond what the filter can order
  if (unsigned && field.signed) return UNKNOWN;
  const from = low < operand.low ? operand.low : low;
  const to = high > operand.high ? operand.high : high;
  if (from > to) return exact(NEVER);
  // the field is masked, so all of its word's values beyond are out of reach anyway
  return exact(inRange(field, from, to));
}
