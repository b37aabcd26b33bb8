/** What a call returned: a number, or an error by name and in words. */
import { errnoNameOf, errnoText } from "../../linux/index.ts";
import type { Decoding } from "../context.ts";

/** Answers of the kernel to itself: the call is made again, or ends with EINTR, as handlers say. */
const restarts: ReadonlyMap<number, string> = new Map([
  [512, "? ERESTARTSYS (To be restarted if SA_RESTART is set)"],
  [513, "? ERESTARTNOINTR (To be restarted)"],
  [514, "? ERESTARTNOHAND (To be restarted if no handler)"],
  [516, "? ERESTART_RESTARTBLOCK (Interrupted by signal)"],
]);

export const LARGEST_ERROR = 4095n;

/** `-1 ENOENT (No such file or directory)`. */
export function formatError(error: number): string {
  const restart = restarts.get(error);
  if (restart !== undefined) return restart;
  const name = errnoNameOf(error);
  if (name === undefined) return `-1 (errno ${error})`;
  const text = errnoText(error);
  return text === undefined ? `-1 ${name} (Unknown error ${error})` : `-1 ${name} (${text})`;
}

export function formatCount(call: Decoding, value: bigint): string {
  return BigInt.asIntN(8 * call.word, value).toString();
}
