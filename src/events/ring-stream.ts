/**
 * The one parser of bytes that were copied out of a BPF ring buffer: what the service moves, throttles, stores and
 * sends on is such bytes, framed as src/bpf/ringbuf/frame.ts says. Live memory of the kernel, where a header must be
 * read atomically, is the business of src/bpf/ringbuf alone.
 */
import { dataLength, FRAME_HEADER, frameBytes, isDiscarded } from "../bpf/ringbuf/frame.ts";
import { RecordOffset } from "./layout.ts";

/** Bytes that do not hold whole records; they come from memory, so this is a bug or a damaged history. */
export class DamageError extends Error {
  override readonly name = "DamageError";
}

/** Of a record that is too short to name its site: of no rule set. */
export const NO_SITE = 0xffff_ffff;

/** Steps over records; `next` points it at one after the other, discarded ones left out. Allocates nothing for each. */
export class RingStream {
  /** Start and length of the data of the current record, in bytes. */
  offset = 0;
  length = 0;
  /** Behind its padding: where the next one begins. */
  end = 0;
  /** Whether a discarded record has been passed over. */
  hasDiscarded = false;
  readonly #size: number;
  readonly #view: DataView;

  /** `bytes`: whole records with their headers, from the beginning of one on. */
  constructor(bytes: Uint8Array) {
    this.#size = bytes.length;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** False: there is no other. Throws DamageError where the bytes end within a record. */
  next(): boolean {
    const size = this.#size;
    for (let start = this.end; start < size; start = this.end) {
      if (start + FRAME_HEADER > size) throw new DamageError(`Cannot read a header at ${start}`);
      const header = this.#view.getInt32(start, true);
      const length = dataLength(header);
      this.length = length;
      this.offset = start + FRAME_HEADER;
      this.end = start + frameBytes(length);
      if (this.end > size) throw new DamageError(`Cannot read a record at ${start}: cut`);
      if (!isDiscarded(header)) return true;
      this.hasDiscarded = true;
    }
    return false;
  }

  /** Where the current record begins with its header. */
  get start(): number {
    return this.offset - FRAME_HEADER;
  }

  /** Back to the first record. */
  rewind(): void {
    this.end = 0;
  }

  /** Number of the site that made the current record; NO_SITE: the record is too short for one. */
  get site(): number {
    if (this.length < RecordOffset.site + 4) return NO_SITE;
    return this.#view.getUint32(this.offset + RecordOffset.site, true);
  }
}
