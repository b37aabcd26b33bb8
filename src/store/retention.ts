/**
 * Keeps a history within its size and age by small steps: each append deletes a few of the oldest batches at most.
 * Their pages are used again by what comes, so that in the long run the file neither grows nor is rewritten.
 */
import { statSync } from "node:fs";
import type { AgeClock } from "./age-clock.ts";
import type { Tables } from "./database/tables.ts";

/** Longest time that one step deletes; what is left then is for the next. */
const STEP_MS = 20;
/** Pages given back to the file system in one step. */
const VACUUM_PAGES = 256;

export class Retention {
  readonly maxBytes: number;
  /** Part of `maxBytes` that the log may take. */
  readonly walBytes: number;
  readonly #age: AgeClock;
  /** First entry that was stored since the start. */
  #firstOwn: number | undefined;

  constructor(maxBytes: number, age: AgeClock) {
    this.maxBytes = maxBytes;
    this.walBytes = Math.min(16 << 20, Math.floor(maxBytes / 4));
    this.#age = age;
  }

  /**
   * Deletes what is too much, `roomBytes` more included, but never `kept`, the row that grows. Call in a transaction.
   * `onDelete` is called before each. Returns the number of batches deleted.
   */
  apply(
    tables: Tables,
    roomBytes: number,
    kept: number | undefined,
    onDelete: (id: number) => void,
  ): number {
    this.#firstOwn ??= tables.lastId + 1;
    const agedLimit = this.#age.reachesOwn ? Number.POSITIVE_INFINITY : this.#firstOwn;
    const oldestUs = (this.#age.limitMs ?? Number.NEGATIVE_INFINITY) * 1000;
    const limit = this.maxBytes - this.walBytes - roomBytes;
    const deadline = performance.now() + STEP_MS;
    let deleted = 0;
    for (; performance.now() < deadline; deleted++) {
      const id =
        tables.usedBytes > limit ? tables.oldest() : this.#oldestAged(tables, oldestUs, agedLimit);
      if (id === undefined || id === kept) break;
      onDelete(id);
      tables.deleteBatch(id);
    }
    return deleted;
  }

  /** By the order of storing: times of events that came while the clock was wrong say nothing about the others. */
  #oldestAged(tables: Tables, oldestUs: number, before: number): number | undefined {
    if (oldestUs === Number.NEGATIVE_INFINITY) return undefined;
    // what comes from the future is as old as what was stored around it
    const oldest = tables.oldestUntil(this.#age.wallMs * 1000);
    const isTooOld = oldest !== undefined && oldest.id < before && oldest.lastUs < oldestUs;
    return isTooOld ? oldest.id : undefined;
  }

  /** Shortens a file that is larger than allowed, after the limit was lowered. Call outside of transactions. */
  shrink(tables: Tables): void {
    if (tables.bytes + this.walBytes > this.maxBytes && tables.usedBytes < tables.bytes)
      tables.db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  }
}

/** Bytes of database and log on the disk. */
export function fileBytes(file: string): number {
  return ["", "-wal"].reduce(
    (sum, suffix) => sum + (statSync(file + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
