/** Names of expressions that stand for values, and the numbers that their types hold. */
import { type IntType, variableNames as own } from "../../variables/index.ts";

/** Names that take an index or stand alone. */
export const indexedVariables = ["PARAMS", "ARGV", "ENVP", "PATH", "FD"] as const;

/** Everything that may stand in an expression by itself, for "did you mean". */
export const operandNames: readonly string[] = [...own, ...indexedVariables];

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
