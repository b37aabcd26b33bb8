/**
 * Native memory for what the kernel reads and writes. The views are made once; after `free` they are gone, so
 * that nothing can touch freed memory through this object. Keep no view of it longer than the object.
 */
import { kernel } from "./kernel.ts";

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);

export class Memory {
  readonly address: number;
  readonly size: number;
  #bytes: Uint8Array;
  #view: DataView;
  #isOpen = true;

  private constructor(address: number, size: number) {
    const buffer = kernel().view(address, size);
    this.address = address;
    this.size = size;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** Zeroed memory of at least one byte. */
  static allocate(sizeBytes: number): Memory {
    const size = Math.max(sizeBytes, 1);
    return new Memory(kernel().allocate(size), size);
  }

  /** A copy of `bytes`. */
  static from(bytes: Uint8Array): Memory {
    const memory = Memory.allocate(bytes.length);
    memory.bytes.set(bytes);
    return memory;
  }

  /** The text with a NUL behind it; throws when it holds a NUL itself. */
  static fromText(text: string): Memory {
    if (text.includes("\0")) throw new RangeError(`Cannot pass "${text}": it contains a NUL byte`);
    return Memory.from(new TextEncoder().encode(`${text}\0`));
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  free(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#bytes = EMPTY;
    this.#view = EMPTY_VIEW;
    kernel().free(this.address);
  }

  [Symbol.dispose](): void {
    this.free();
  }
}
