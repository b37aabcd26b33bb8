/** Lists of texts in memory of a process (argv, envp), as long as execve(2) takes them: read by the page, not one by one. */
import type { StringRead } from "../../../language/index.ts";
import type { ProcessMemory } from "../../../sys/index.ts";

/** MAX_ARG_STRLEN: what is longer no call takes. */
export const LONGEST_TEXT = 128 * 1024;
/** All texts and pointers together: three quarters of _STK_LIM. */
const MOST_BYTES = 6 << 20;
const BLOCK_SIZE = 4096;
const LARGEST_WINDOW = 64 * 1024;

export interface ListedText {
  readonly address: number;
  readonly read: StringRead;
}

/** Undefined: it cannot be read, or is longer than a program can be given. */
export function readTextList(
  memory: ProcessMemory,
  owner: number,
  start: number,
  wordSize: 4 | 8,
): readonly ListedText[] | undefined {
  const texts = new TextWindow(memory, owner);
  const list: ListedText[] = [];
  let size = 0;
  for (let at = start; ; ) {
    // whole words of it
    const block = memory.readSome(owner, at, BLOCK_SIZE);
    const words = Math.floor((block?.length ?? 0) / wordSize);
    if (block === undefined || words === 0) return undefined;
    const addresses = Array.from({ length: words }, (_, i) =>
      wordAt(block, i * wordSize, wordSize),
    );
    for (const address of addresses) {
      if (address === 0) return list;
      const read = texts.read(address);
      if (read === undefined) return undefined;
      list.push({ address, read });
      size += read.bytes.length + 1 + wordSize;
      if (size > MOST_BYTES) return undefined;
    }
    at += words * wordSize;
  }
}

function wordAt(bytes: Uint8Array, at: number, size: 4 | 8): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return size === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

/** Texts of a list mostly lie one behind the other. */
class TextWindow {
  readonly #memory: ProcessMemory;
  readonly #owner: number;
  #start = 0;
  #bytes = new Uint8Array(0);
  #size = BLOCK_SIZE;

  constructor(memory: ProcessMemory, owner: number) {
    this.#memory = memory;
    this.#owner = owner;
  }

  read(address: number): StringRead | undefined {
    return this.#inside(address) ?? this.#moved(address);
  }

  #inside(address: number): StringRead | undefined {
    const from = address - this.#start;
    if (from < 0 || from >= this.#bytes.length) return undefined;
    const end = this.#bytes.indexOf(0, from);
    return end < 0 ? undefined : { bytes: this.#bytes.slice(from, end), truncated: false };
  }

  #moved(address: number): StringRead | undefined {
    const bytes = this.#memory.readSome(this.#owner, address, this.#size);
    if (bytes === undefined) return undefined;
    this.#bytes = bytes.slice();
    this.#start = address;
    this.#size = Math.min(this.#size * 4, LARGEST_WINDOW);
    return this.#inside(address) ?? this.#memory.readText(this.#owner, address, LONGEST_TEXT);
  }
}
