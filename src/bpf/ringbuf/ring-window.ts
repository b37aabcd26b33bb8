/**
 * The part of a ring's data that is mapped. It moves with the reader, at one address: what a view of it shows
 * changes when something out of sight is reached for.
 */
import { PAGE_SIZE } from "../../base/linux-abi.ts";
import type { Mapping } from "../../sys/index.ts";
import { dataLength, frameBytes } from "./frame.ts";

/** Behind the pages of consumer and producer. */
const DATA_OFFSET = 2 * PAGE_SIZE;

export class RingWindow {
  readonly bytes: Uint8Array;
  readonly #headers: Int32Array;
  readonly #mapping: Mapping;
  /** Offset of its first byte in the data. */
  #start = 0;

  /** `mapping` shows the beginning of the data. */
  constructor(mapping: Mapping) {
    const memory = mapping.view();
    this.#mapping = mapping;
    this.bytes = new Uint8Array(memory);
    this.#headers = new Int32Array(memory);
  }

  /** Size of the window on a ring of `size` bytes; a small ring is shown whole, in both copies. */
  static bytesFor(size: number, wanted: number): number {
    // one that starts anywhere in the first copy ends in the second
    return wanted < size ? wanted : 2 * size;
  }

  /** Header of the record at offset `at`, which lies in the first copy of the data. */
  header(at: number): number {
    return Atomics.load(this.#headers, this.reach(at, 4) >> 2);
  }

  /** Brings `[at, at + length)` of the data into sight; returns where in the window it is. */
  reach(at: number, length: number): number {
    if (at < this.#start || at + length > this.#start + this.bytes.length) {
      const start = at - (at % PAGE_SIZE);
      if (at + length > start + this.bytes.length)
        throw new RangeError(`Cannot read a record of ${length} bytes: the window is smaller`);
      this.#mapping.move(DATA_OFFSET + start);
      this.#start = start;
    }
    return at - this.#start;
  }

  /**
   * Copies whole committed records from offset `at` on, of `room` bytes at most, as far as the window reaches.
   * Returns the bytes copied.
   */
  copyRecords(at: number, room: number, target: Uint8Array, to: number): number {
    const first = this.header(at);
    if (first < 0 || frameBytes(dataLength(first)) > room) return 0;
    let bytes = frameBytes(dataLength(first));
    const start = this.reach(at, bytes);
    const limit = Math.min(room, this.bytes.length - start);
    while (bytes + 4 <= limit) {
      const header = Atomics.load(this.#headers, (start + bytes) >> 2);
      if (header < 0) break;
      const end = bytes + frameBytes(dataLength(header));
      if (end > limit) break;
      bytes = end;
    }
    target.set(this.bytes.subarray(start, start + bytes), to);
    return bytes;
  }
}
