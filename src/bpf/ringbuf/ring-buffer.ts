/**
 * Consumer of a BPF_MAP_TYPE_RINGBUF map (since Linux 5.8), by memory mapping; reading makes no system call.
 *
 *   map offset 0         consumer page, read-write     u64 consumer_pos
 *   map offset one page  producer page, read only      u64 producer_pos
 *   behind it            the data, twice in a row: a record that wraps around is contiguous
 *
 * Of the data a window is mapped, which moves on with the reader: pages of the kernel that are mapped count as
 * memory of the process, twice for both copies of the data.
 *
 * Ordering: a program fills its record and then clears the busy bit with a full barrier, so the header is read
 * with Atomics.load (acquire) before the data. consumer_pos is written with Atomics.store after the data was
 * used: it gives the space back. Positions count bytes since the map was made, as doubles exact up to 2^53.
 *
 * Memory must not be touched once it is unmapped (SIGSEGV): `close` drops all views first, and one that is
 * called by a handler takes effect when that handler's poll has ended.
 */

import { PAGE_SIZE } from "../../base/linux-abi.ts";
import { type Fd, Mapping, type ReadinessWait, startWait } from "../../sys/index.ts";
import type { BpfMap } from "../map/map.ts";
import { dataLength, FRAME_HEADER, frameBytes, isDiscarded } from "./frame.ts";
import { RingWindow } from "./ring-window.ts";

/** Large enough that moving it costs an event some nanoseconds at most. */
const WINDOW_BYTES = 1 << 20;
/**
 * A program wakes the reader only with a record that the reader has all others before: one that has read everything wakes up
 * for each record, and that costs the caller more than the rest of its event. So a reader rests after it has read, and
 * one wake-up serves all records of that time. A record after a quiet time is read at once.
 */
const LATENCY_MS = 10;
/** Half of the ring must hold what comes meanwhile, at the rate that one processor can write (256 MB/s). */
const REST_BYTES_PER_MS = 512 << 10;
/** A record that is being written keeps the map readable; looking again costs little. */
const BUSY_RETRY_MS = 1;

/** Gets a record as a place in memory that is valid until the handler returns. */
export type RecordHandler = (memory: Uint8Array, offset: number, length: number) => void;

interface Views {
  readonly window: RingWindow;
  readonly consumer: BigInt64Array;
  readonly producer: BigInt64Array;
}

export interface RingBufferOptions {
  /** Of the data, what is mapped at a time: whole pages. */
  readonly windowBytes?: number | undefined;
  /** Longest that a record waits to be read while others come, in milliseconds; 0: each is read at once. */
  readonly latencyMs?: number | undefined;
}

export class RingBuffer {
  readonly fd: Fd;
  /** Bytes of the ring; a power of two. */
  readonly size: number;
  readonly #mappings: readonly Mapping[];
  #views: Views | undefined;
  /** Next position to read. */
  #position: number;
  /** The same as an offset into the data. */
  #at: number;
  #wait: ReadinessWait | undefined;
  readonly #latencyMs: number;
  /** Where the reader was when it waited last. */
  #waitedAt: number;
  #isPolling = false;
  #isClosing = false;

  private constructor(
    fd: Fd,
    size: number,
    mappings: readonly Mapping[],
    [consumer, producer, data]: readonly [Mapping, Mapping, Mapping],
    latencyMs: number,
  ) {
    this.fd = fd;
    this.size = size;
    this.#latencyMs = latencyMs;
    this.#mappings = mappings;
    this.#views = {
      window: new RingWindow(data),
      consumer: new BigInt64Array(consumer.view(), 0, 1),
      producer: new BigInt64Array(producer.view(), 0, 1),
    };
    this.#position = Number(Atomics.load(this.#views.consumer, 0));
    this.#at = this.#position % size;
    this.#waitedAt = this.#position;
  }

  /**
   * Maps the ring of `map`, which must stay open as long.
   * Throws SyscallError from mmap(2).
   */
  static open(map: BpfMap, options: RingBufferOptions = {}): RingBuffer {
    const { windowBytes = WINDOW_BYTES, latencyMs = LATENCY_MS } = options;
    const size = map.spec.maxEntries ?? 0;
    const mappings: Mapping[] = [];
    const open = (length: number, offset: number, access: "read" | "write"): Mapping => {
      const mapping = Mapping.open(map.fd, length, offset, access);
      mappings.push(mapping);
      return mapping;
    };
    try {
      const consumer = open(PAGE_SIZE, 0, "write");
      const producer = open(PAGE_SIZE, PAGE_SIZE, "read");
      const data = open(RingWindow.bytesFor(size, windowBytes), 2 * PAGE_SIZE, "read");
      return new RingBuffer(map.fd, size, mappings, [consumer, producer, data], latencyMs);
    } catch (error) {
      for (const mapping of mappings) mapping.close();
      throw error;
    }
  }

  /** Nothing may be asked of it any more. */
  get isClosed(): boolean {
    return this.#views === undefined;
  }

  /** Bytes between what is read and what is written or being written. */
  get pendingBytes(): number {
    return this.#written() - this.#position;
  }

  /**
   * Hands committed records to the handler, at most `max`, and returns their number. Stops at a record that is
   * still being written: later ones wait for it. When the handler throws, its record counts as read.
   */
  poll(handler: RecordHandler, max = Number.POSITIVE_INFINITY): number {
    const { window } = this.#open();
    if (this.#isPolling) throw new Error("Cannot poll ring buffer: its handler is running");
    this.#isPolling = true;
    let count = 0;
    let freed = this.#position;
    let written = this.#written();
    try {
      while (count < max && !this.#isClosing) {
        if (this.#position === written) {
          written = this.#written();
          if (this.#position === written) break;
        }
        const header = window.header(this.#at);
        if (header < 0) break;
        const length = dataLength(header);
        const at = window.reach(this.#at, frameBytes(length));
        this.#advance(frameBytes(length));
        if (!isDiscarded(header)) {
          count++;
          handler(window.bytes, at + FRAME_HEADER, length);
        }
        // give space back in good time, but not at the price of a store for each record
        if (this.#position - freed >= this.size >> 4) {
          this.#free();
          freed = this.#position;
        }
      }
    } finally {
      this.#free();
      this.#isPolling = false;
      if (this.#isClosing) this.close();
    }
    return count;
  }

  /**
   * Copies as many whole committed records as fit into `target` from byte `at` on, headers included, in one go,
   * and gives their space back unless `keeps` is set: then they stay in the ring until `release`, and the
   * next process that opens it reads them again. Returns the bytes copied; 0 when there is nothing or the next one does not fit.
   */
  copyAvailable(target: Uint8Array, at: number, keeps = false): number {
    const { window } = this.#open();
    if (this.#isPolling) throw new Error("Cannot read ring buffer: its handler is running");
    // what is pending never exceeds the ring, so the run lies inside the two copies of the data
    const room = Math.min(this.pendingBytes, target.length - at);
    let bytes = 0;
    while (bytes < room) {
      const copied = window.copyRecords(this.#at, room - bytes, target, at + bytes);
      if (copied === 0) break;
      bytes += copied;
      this.#advance(copied);
    }
    if (bytes > 0 && !keeps) this.#free();
    return bytes;
  }

  /** Bytes read since the ring was made, by all readers. */
  get position(): number {
    return this.#position;
  }

  /** Bytes written since the ring was made. */
  get end(): number {
    return this.#written();
  }

  /** Gives the space of all that was read back to the kernel. */
  release(): void {
    this.#free();
  }

  /**
   * Continues reading at `position`, which must be one that a reader of this ring had, and releases what is before
   * it. False, and nothing changes, if the ring no longer or not yet holds that position.
   */
  seek(position: number): boolean {
    if (position < this.#position || position > this.#written()) return false;
    this.#advance(position - this.#position);
    this.#free();
    return true;
  }

  /** Bytes of the next record with header and padding; 0 when none is committed. */
  get nextRecordBytes(): number {
    const { window } = this.#open();
    if (this.pendingBytes === 0) return 0;
    const header = window.header(this.#at);
    return header < 0 ? 0 : frameBytes(dataLength(header));
  }

  /**
   * Resolves to true when there are records, to false after `timeoutMs` (Infinity: never) or `close`. Always
   * lets the event loop turn once, so a loop around this and `poll` starves nobody. After records were read it lets others
   * gather for up to the latency, so that not each of them wakes us.
   */
  async waitReadable(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    const restMs = Math.min(this.#restMs(), timeoutMs);
    await new Promise((resolve) => {
      if (restMs > 0) setTimeout(resolve, restMs);
      else setImmediate(resolve);
    });
    for (;;) {
      if (this.#views === undefined) return false;
      if (this.nextRecordBytes > 0) return true;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return false;
      if (this.pendingBytes > 0) {
        const pauseMs = Math.min(BUSY_RETRY_MS, leftMs);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      } else {
        this.#wait ??= startWait(this.fd, leftMs);
        await this.#wait.promise;
        this.#wait = undefined;
      }
    }
  }

  /** How long to let records gather: not at all after a quiet time, nor where they come faster than they are read. */
  #restMs(): number {
    if (this.#views === undefined) return 0;
    const read = this.#position - this.#waitedAt;
    this.#waitedAt = this.#position;
    if (read === 0 || read + this.pendingBytes > this.size >> 3) return 0;
    return Math.min(this.#latencyMs, Math.floor(this.size / (2 * REST_BYTES_PER_MS)));
  }

  /** Unmaps the ring; records in it stay for the next process that maps it. The map itself is not closed. */
  close(): void {
    if (this.#isPolling) {
      this.#isClosing = true;
      return;
    }
    this.#wait?.cancel();
    this.#wait = undefined;
    this.#views = undefined;
    for (const mapping of this.#mappings) mapping.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Position behind the last record that a program has begun. */
  #written(): number {
    return Number(Atomics.load(this.#open().producer, 0));
  }

  #advance(bytes: number): void {
    this.#position += bytes;
    this.#at = (this.#at + bytes) & (this.size - 1);
  }

  /** Gives the space of everything read back to the kernel. */
  #free(): void {
    Atomics.store(this.#open().consumer, 0, BigInt(this.#position));
  }

  #open(): Views {
    if (this.#views === undefined) throw new Error("Cannot use ring buffer: already closed");
    return this.#views;
  }
}
