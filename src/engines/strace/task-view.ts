/** What decoding asks of a thread: its memory, and what its descriptors lead to. */
import { readFileSync, readlinkSync } from "node:fs";
import type { CallMemory } from "../../decoding/index.ts";
import type { ProcessMemory } from "../../sys/index.ts";

/** User space ends below it; what is above no Number can hold, and nobody can read. */
const END = 1n << 53n;
const AT_FDCWD = -100;
/** Of one call, what nobody reads through; a longer transfer is shown as far as one transfer of ours goes. */
const MOST_BYTES = 1 << 26;

export function memoryOf(tid: number, memory: ProcessMemory): CallMemory {
  return {
    read: (address, length) =>
      address <= 0n || address >= END
        ? undefined
        : (manyOf(tid, address, length, memory) ??
          memory.readSome(tid, Number(address), length)?.slice()),
  };
}

/** More than fits into one transfer: all of it or undefined. */
function manyOf(
  tid: number,
  address: bigint,
  length: number,
  memory: ProcessMemory,
): Uint8Array | undefined {
  if (length <= memory.capacity || length > MOST_BYTES) return undefined;
  return memory.read(tid, Number(address), length);
}

/** The path behind a descriptor of a process, escaped; undefined: it is not open. */
export function descriptorPath(tid: number, fd: number): string | undefined {
  try {
    const name = fd === AT_FDCWD ? "cwd" : `fd/${fd}`;
    return escapePath(readlinkSync(`/proc/${tid}/${name}`, "buffer"));
  } catch {
    return undefined;
  }
}

/** Of a thread that is stopped in a call; undefined: it is gone. proc(5): call, six registers, stack, program. */
export function stackPointerOf(tid: number): bigint | undefined {
  try {
    const [, stack] = /^\S+(?: 0x[\da-f]+){6} (0x[\da-f]+) /.exec(
      readFileSync(`/proc/${tid}/syscall`, "latin1"),
    ) ?? [undefined, undefined];
    return stack === undefined ? undefined : BigInt(stack);
  } catch {
    return undefined;
  }
}

const BACKSLASH = 0x5c;
const NAMED: Readonly<Record<number, string>> = {
  7: "a",
  8: "b",
  9: "t",
  10: "n",
  11: "v",
  12: "f",
  13: "r",
};

/** Between `<` and `>`, which are escaped too. */
export function escapePath(bytes: Uint8Array): string {
  let text = "";
  bytes.forEach((byte, i) => {
    const named = NAMED[byte];
    if (byte === BACKSLASH) text += "\\\\";
    else if (byte === 0x3c || byte === 0x3e) text += `\\${byte.toString(8)}`;
    else if (named !== undefined)
      text += `\\${named === "a" || named === "b" ? byte.toString(8) : named}`;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else {
      // fewer than three digits where no digit follows
      const next = bytes[i + 1] ?? 0;
      text += `\\${byte.toString(8).padStart(next >= 0x30 && next <= 0x37 ? 3 : 1, "0")}`;
    }
  });
  return text;
}
