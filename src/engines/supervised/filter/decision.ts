/**
 * What the filter decides, as a graph without cycles: tests of words of struct seccomp_data, and verdicts at the
 * ends. Equal parts may be shared; they are emitted once.
 */
export type FilterDecision = FilterVerdict | Test;

export interface FilterVerdict {
  readonly kind: "verdict";
  /** SECCOMP_RET_… with its data. */
  readonly value: number;
}

export interface Test {
  readonly kind: "test";
  /** Offset in struct seccomp_data of the 32-bit word; absent: the word that the test before has loaded. */
  readonly load?: number;
  /** Applied to the word in this order. */
  readonly and?: number;
  readonly add?: number;
  /** `set`: any of the bits of `value`. All compare unsigned. */
  readonly op: "eq" | "gt" | "ge" | "set";
  readonly value: number;
  readonly ifTrue: FilterDecision;
  readonly ifFalse: FilterDecision;
}

/** struct seccomp_data { int nr; u32 arch; u64 instruction_pointer; u64 args[6]; } */
export const DataOffset = {
  nr: 0,
  arch: 4,
  instructionPointer: 8,
  args: 16,
  size: 64,
} as const;

/** Continues with `then` where the word is one of the values. */
export function oneOf(
  load: number,
  values: readonly number[],
  then: FilterDecision,
  otherwise: FilterDecision,
): FilterDecision {
  return values.reduce<FilterDecision>(
    (next, value) => ({ kind: "test", load, op: "eq", value, ifTrue: then, ifFalse: next }),
    otherwise,
  );
}

export function verdict(value: number): FilterVerdict {
  return { kind: "verdict", value: value >>> 0 };
}
