/** The variables of expressions, with the width and sign that they have in the kernel. */
import type { IntVariable, StringVariable } from "../checked.ts";

export interface IntType {
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

const s32: IntType = { size: 4, signed: true };
const u32: IntType = { size: 4, signed: false };
const s64: IntType = { size: 8, signed: true };
const u64: IntType = { size: 8, signed: false };

const intTable: Readonly<Record<IntVariable, IntType>> = {
  PID: s32,
  TID: s32,
  PPID: s32,
  UID: u32,
  EUID: u32,
  SUID: u32,
  FSUID: u32,
  GID: u32,
  EGID: u32,
  SGID: u32,
  FSGID: u32,
  LOGINUID: u32,
  SESSIONID: u32,
  CAPS: u64,
  CGROUP: u64,
  PIDNS: u32,
  MNTNS: u32,
  NSPID: s32,
  RETVAL: s64,
  SYSCALL: s32,
};
const stringTable: Readonly<Record<StringVariable, true>> = {
  COMM: true,
  PCOMM: true,
  EXE: true,
  CWD: true,
  SNAME: true,
  ABI: true,
  CONTAINER: true,
};

export const intVariables: ReadonlyMap<string, IntType> = new Map(Object.entries(intTable));
export const stringVariables: ReadonlySet<string> = new Set(Object.keys(stringTable));
/** Names that take an index or stand alone. */
export const indexedVariables = ["PARAMS", "ARGV", "ENVP", "PATH"] as const;

/** Everything that may stand in an expression by itself, for "did you mean". */
export const variableNames: readonly string[] = [
  ...intVariables.keys(),
  ...stringVariables,
  ...indexedVariables,
];

export function isIntVariable(name: string): name is IntVariable {
  return intVariables.has(name);
}

export function isStringVariable(name: string): name is StringVariable {
  return stringVariables.has(name);
}

/** Smallest and largest value of a type. */
export function rangeOf({ size, signed }: IntType): readonly [bigint, bigint] {
  const bits = BigInt(size * 8);
  return signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
}

/** A constant as an operand of this type sees it in `==` and `in`. */
export function convertTo(value: bigint, type: IntType | undefined): bigint {
  const negative = value < 0n && value >= -(1n << 31n);
  return type?.size === 4 && !type.signed && negative ? BigInt.asUintN(32, value) : value;
}
