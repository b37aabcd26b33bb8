/** Parameters with certain values: commands. */
import type { Fixed } from "./vocabulary.ts";

/** Whether a number, of whatever sign, is one of the values. */
export function isOneOf({ mask, values }: Omit<Fixed, "param">, value: bigint): boolean {
  return values.includes(BigInt.asUintN(64, value) & mask);
}
