/** `--seed N`: what choices by chance depend on. */
import type { CommandArguments } from "./command.ts";
import { UsageError } from "./errors.ts";

/** Undefined: it is not given. */
export function seedOf(args: CommandArguments): number | undefined {
  const text = args.last("seed");
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 32)
    throw new UsageError(`--seed takes a whole number below 2^32: '${text}'`);
  return Number(text);
}
