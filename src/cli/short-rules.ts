/** Rules as operands of commands. */
import { UsageError } from "./errors.ts";

const WITHIN = ["if", "then", "by", "sum", "hist"];

/** Words of one rule that a shell has taken apart belong together. `files`: what to do with the name of a file. */
export function shortRules(operands: readonly string[], files: string): readonly string[] {
  const file = operands.find((operand) => /\.conf$|^\.{0,2}\//.test(operand));
  if (file !== undefined) throw new UsageError(`unexpected argument '${file}': ${files}`);
  const isOne = WITHIN.some((word) => operands.includes(word));
  return isOne ? [operands.join(" ")] : operands;
}
