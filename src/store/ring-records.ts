/**
 * Bytes as they lie in a BPF ring buffer: `| u32 discarded 30, length 29..0 | u32 | record | padding to 8 |`. The
 * header is part of the kernel's interface; history keeps such bytes as they are.
 */

export const RING_HEADER = 8;
const DISCARDED = 0x40000000;
const LENGTH_MASK = 0x3fffffff;

/** Bytes that do not hold whole records; they come from memory, so this is a bug or a damaged history. */
export class DamageError extends Error {
  override readonly name = "DamageError";
}

/** Steps over records; `next` points it at one after the other, discarded ones left out. */
export class RingRecords {
  /** Start and length of the current record, without its header. */
  offset = 0;
  length = 0;
  /** Behind the current record with its padding. */
  end = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): boolean {
    const size = this.#bytes.length;
    while (this.end < size) {
      const start = this.end;
      if (start + RING_HEADER > size) throw new DamageError(`Cannot read a header at ${start}`);
      const header = this.#view.getUint32(start, true);
      this.length = header & LENGTH_MASK;
      this.offset = start + RING_HEADER;
      this.end = (this.offset + this.length + 7) & ~7;
      if (this.end > size) throw new DamageError(`Cannot read a record at ${start}: cut`);
      if ((header & DISCARDED) === 0) return true;
    }
    return false;
  }
}
