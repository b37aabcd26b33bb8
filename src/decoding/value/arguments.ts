/** Lists of strings that end with NULL: arguments and environment. */
import type { Decoding } from "../context.ts";
import type { Show } from "../piece.ts";
import { addressOf, readNumber } from "./form.ts";
import { formatPointer } from "./number.ts";
import { showString } from "./text.ts";

/** As many pointers are read at once. */
const CHUNK = 256;
/** More than the kernel takes. */
const MOST_STRINGS = 1 << 20;

interface Pointers {
  readonly values: readonly bigint[];
  /** Where it could not be read; undefined: it ended, or there were as many as were asked for. */
  readonly brokeAt: bigint | undefined;
}

function readPointers(call: Decoding, address: bigint, most: number): Pointers {
  const values: bigint[] = [];
  const { word } = call;
  while (values.length < most) {
    const at = address + BigInt(values.length * word);
    const bytes = call.memory.read(at, Math.min(CHUNK, most - values.length) * word);
    const readable = Math.floor((bytes?.length ?? 0) / word);
    if (bytes === undefined || readable === 0) return { values, brokeAt: at };
    for (let i = 0; i < readable; i += 1) {
      const value = readNumber(bytes, i * word, word);
      if (value === 0n) return { values, brokeAt: undefined };
      values.push(value);
    }
  }
  return { values, brokeAt: undefined };
}

/** `["ls", "-l"]`; of a long list -s strings. */
export const showStrings: Show = (call, value) => {
  const address = addressOf(call, value);
  if (address === 0n) return "NULL";
  const limit = call.options.abbreviate ? call.options.stringLimit : MOST_STRINGS;
  const { values, brokeAt } = readPointers(call, address, limit + 1);
  if (brokeAt === address) return formatPointer(address);
  const texts = values.slice(0, limit).map((pointer) => showString(call, pointer));
  if (values.length > limit) texts.push("...");
  else if (brokeAt !== undefined) texts.push(`... /* ${formatPointer(brokeAt)} */`);
  return `[${texts.join(", ")}]`;
};

/** `0x7ffd… /* 24 vars *\/`: whole with -v alone. */
export const showEnvironment: Show = (call, value) => {
  if (!call.options.abbreviate) return showStrings(call, value);
  const address = addressOf(call, value);
  if (address === 0n) return "NULL";
  const { values, brokeAt } = readPointers(call, address, MOST_STRINGS);
  const text = formatPointer(address);
  if (brokeAt === address) return text;
  const count = values.length;
  const rest = brokeAt === undefined ? "" : ", unterminated";
  return `${text} /* ${count} var${count === 1 ? "" : "s"}${rest} */`;
};
