/** Lists in memory: `[a, b, ...]`. */
import type { Decoding } from "../context.ts";
import { addressOf, type MemoryForm } from "./form.ts";
import { formatPointer } from "./number.ts";

/** However many a caller says there are, no more are printed. */
const MOST_ELEMENTS = 1 << 16;

/** `count` elements from an address, of which -s are shown. Those behind the first that cannot be read are not. */
export function formatArray(call: Decoding, at: bigint, count: bigint, form: MemoryForm): string {
  const address = addressOf(call, at);
  if (address === 0n) return "NULL";
  if (count === 0n) return "[]";
  const size = form.size(call);
  const isLost = call.hasFailed || count < 0n;
  if (isLost || address + count * BigInt(size) > 1n << BigInt(8 * call.word)) {
    return formatPointer(address);
  }
  const limit = call.options.abbreviate ? call.options.stringLimit : MOST_ELEMENTS;
  const shown = count > BigInt(limit) ? limit : Number(count);
  return formatElements(call, address, shown, BigInt(shown) < count, form);
}

function formatElements(
  call: Decoding,
  address: bigint,
  shown: number,
  isCut: boolean,
  form: MemoryForm,
): string {
  const size = form.size(call);
  // one more shows whether there is anything behind
  const wanted = isCut ? shown + 1 : shown;
  const bytes = call.memory.read(address, wanted * size);
  const readable = bytes === undefined ? 0 : Math.floor(bytes.length / size);
  if (bytes === undefined || readable === 0) return formatPointer(address);
  const texts: string[] = [];
  for (let i = 0; i < Math.min(shown, readable); i += 1) {
    texts.push(form.format(call, bytes.subarray(i * size, (i + 1) * size)));
  }
  if (readable < wanted) {
    texts.push(`... /* ${formatPointer(address + BigInt(readable * size))} */`);
  } else if (isCut) texts.push("...");
  return `[${texts.join(", ")}]`;
}
