/**
 * A backlog in our own memory between a ring buffer and a slow consumer, so that a burst longer than the ring
 * survives. Records move over in bulk (one scan of headers, one copy). When the backlog has reached its limit,
 * records stay in the ring: once that is full too, programs count what they could not send, per rule.
 * Records are dropped here only by `close`, and counted.
 */
import { dataLength, FRAME_HEADER, frameBytes, isDiscarded } from "./frame.ts";
import type { RecordHandler, RingBuffer } from "./ring-buffer.ts";

export interface RingDrainOptions {
  /** Bytes that the backlog may hold, exceeded by less than one chunk; default 64 MiB. */
  readonly limitBytes?: number;
  /** Bytes of one piece of it; default 1 MiB. */
  readonly chunkBytes?: number;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly headers: Int32Array;
  /** End of the records in it. */
  used: number;
  /** Next record to hand out. */
  at: number;
}

/** Records handed out between two looks at the ring. */
const RECORDS_PER_FILL = 512;

export class RingDrain {
  readonly ring: RingBuffer;
  readonly #limitBytes: number;
  readonly #chunkBytes: number;
  readonly #chunks: Chunk[] = [];
  /** One empty chunk, so that a steady flow allocates nothing. */
  #spare: Chunk | undefined;
  #backlogBytes = 0;
  #dropped = 0;
  #isPolling = false;

  constructor(ring: RingBuffer, options: RingDrainOptions = {}) {
    this.ring = ring;
    this.#limitBytes = options.limitBytes ?? 64 << 20;
    this.#chunkBytes = options.chunkBytes ?? 1 << 20;
  }

  /** Bytes waiting here, headers included. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  /** Records that `close` threw away. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Moves what the ring holds into the backlog, as far as the limit allows; returns the bytes moved. */
  fill(): number {
    let moved = 0;
    for (let needed = this.ring.nextRecordBytes; needed > 0; needed = this.ring.nextRecordBytes) {
      if (this.#backlogBytes + needed > this.#limitBytes && this.#backlogBytes > 0) break;
      const chunk = this.#chunkFor(needed);
      const copied = this.ring.copyAvailable(chunk.bytes, chunk.used);
      chunk.used += copied;
      this.#backlogBytes += copied;
      moved += copied;
    }
    return moved;
  }

  /** Hands records to the handler, oldest first, at most `max`; keeps emptying the ring meanwhile. Returns their number. */
  poll(handler: RecordHandler, max = Number.POSITIVE_INFINITY): number {
    if (this.#isPolling) throw new Error("Cannot poll drain: its handler is running");
    this.#isPolling = true;
    let count = 0;
    try {
      while (count < max) {
        this.fill();
        const handed = this.#hand(handler, Math.min(max - count, RECORDS_PER_FILL));
        if (handed === 0) break;
        count += handed;
      }
    } finally {
      this.#isPolling = false;
    }
    return count;
  }

  /** True when `poll` would find something; else waits as RingBuffer.waitReadable. */
  async waitReadable(timeoutMs: number): Promise<boolean> {
    if (this.#backlogBytes === 0) return this.ring.waitReadable(timeoutMs);
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }

  /** Throws away what is left here and in the ring, counting it. The ring is not closed. */
  close(): void {
    for (let handed = -1; handed !== 0; this.#dropped += handed) {
      this.fill();
      handed = this.#hand(ignore, RECORDS_PER_FILL);
    }
    this.#spare = undefined;
  }

  #hand(handler: RecordHandler, max: number): number {
    let count = 0;
    for (let chunk = this.#chunks[0]; chunk !== undefined && count < max; chunk = this.#chunks[0]) {
      while (chunk.at < chunk.used && count < max) {
        const header = chunk.headers[chunk.at >> 2] ?? 0;
        const length = dataLength(header);
        const start = chunk.at + FRAME_HEADER;
        const size = frameBytes(length);
        chunk.at += size;
        this.#backlogBytes -= size;
        if (isDiscarded(header)) continue;
        count++;
        handler(chunk.bytes, start, length);
      }
      if (chunk.at >= chunk.used) this.#recycle();
    }
    return count;
  }

  #chunkFor(needed: number): Chunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.bytes.length - last.used >= needed) return last;
    const spare = this.#spare;
    this.#spare = undefined;
    const chunk =
      spare !== undefined && spare.bytes.length >= needed
        ? spare
        : newChunk(Math.max(this.#chunkBytes, needed));
    this.#chunks.push(chunk);
    return chunk;
  }

  #recycle(): void {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return;
    chunk.used = 0;
    chunk.at = 0;
    this.#spare = chunk;
  }
}

function newChunk(size: number): Chunk {
  const buffer = new ArrayBuffer((size + 7) & ~7);
  return { bytes: new Uint8Array(buffer), headers: new Int32Array(buffer), used: 0, at: 0 };
}

const ignore: RecordHandler = () => {};
