/**
 * Keeps a history within its size and age by small steps: each append deletes a few of the oldest batches at most.
 * Their pages are used again by what comes, so that in the long run the file neither grows nor is rewritten.
 */
import { statSync } from "node:fs";
import type { Tables } from "./tables.ts";

/** Longest time that one step deletes; what is left then is for the next. */
const STEP_MS = 20;
/** Pages given back to the file system in one step. */
const VACUUM_PAGES = 256;

export class Retention {
  readonly maxBytes: number;
  /** Part of `maxBytes` that the log may take. */
  readonly walBytes: number;
  readonly #maxAgeMs: number;
  readonly #startedMs = Date.now();
  readonly #startedAt = performance.now();

  constructor(maxBytes: number, maxAgeMs: number) {
    this.maxBytes = maxBytes;
    this.walBytes = Math.min(16 << 20, Math.floor(maxBytes / 4));
    this.#maxAgeMs = maxAgeMs;
  }

  /**
   * Deletes what is too much, `roomBytes` more included, but never `kept`, the row that grows. Call in a transaction.
   * Returns the number of batches deleted.
   */
  apply(tables: Tables, roomBytes: number, kept: number | undefined): number {
    const oldestUs = (this.#nowMs() - this.#maxAgeMs) * 1000;
    const limit = this.maxBytes - this.walBytes - roomBytes;
    const deadline = performance.now() + STEP_MS;
    let deleted = 0;
    for (; performance.now() < deadline; deleted++) {
      const oldest = tables.oldest();
      if (oldest === undefined || oldest.id === kept) break;
      const isTooOld = oldest.lastUs < oldestUs;
      if (!isTooOld && tables.usedBytes <= limit) break;
      tables.deleteBatch(oldest.id);
    }
    return deleted;
  }

  /** Shortens a file that is larger than allowed, after the limit was lowered. Call outside of transactions. */
  shrink(tables: Tables): void {
    if (tables.bytes + this.walBytes > this.maxBytes && tables.usedBytes < tables.bytes)
      tables.db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  }

  /**
   * The age of events counts on the clock as it was when the service started: a wall clock that jumps ahead for a
   * moment must not delete everything.
   */
  #nowMs(): number {
    return Math.min(Date.now(), this.#startedMs + (performance.now() - this.#startedAt));
  }
}

/** Bytes of database and log on the disk. */
export function fileBytes(file: string): number {
  return ["", "-wal"].reduce(
    (sum, suffix) => sum + (statSync(file + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
