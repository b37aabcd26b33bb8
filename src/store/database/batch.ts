/**
 * The batch that is being filled. While few events come, the last row grows with each of them until it is full or
 * old, so that a quiet day does not leave a million rows of one event.
 */
import { RecordError, RingStream } from "../../events/index.ts";
import { buildFilter } from "../keys/key-filter.ts";
import { KeySet } from "../keys/key-set.ts";
import type { RecordKeys } from "../keys/record-keys.ts";

/** Limits of a batch: what a query decodes for one event, against how well it compresses. */
const MAX_RECORDS = 4096;
const MAX_BYTES = 1 << 20;
/** A batch that still grows is written again with each growth, so it stops growing sooner. */
const MAX_GROWING_BYTES = 64 << 10;
const MAX_GROWING_NS = 60e9;

export class Batch {
  count = 0;
  /** Boot times, ns. */
  firstTime = Number.POSITIVE_INFINITY;
  lastTime = Number.NEGATIVE_INFINITY;
  /** Smallest site number. */
  firstSite = Number.POSITIVE_INFINITY;
  /** Records that are none. */
  damaged = 0;
  /** Records whose rule set is not known. */
  unknown = 0;
  /** Events per rule, for the report if they cannot be stored. */
  readonly rules = new Map<string, number>();
  readonly #keys = new KeySet();
  #bytes: Uint8Array = new Uint8Array(MAX_GROWING_BYTES);
  #used = 0;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  get filter(): Uint8Array {
    return buildFilter(this.#keys, this.#keys.size);
  }

  /** Whether later events may go into the same row. */
  get canGrow(): boolean {
    return (
      this.#used < MAX_GROWING_BYTES &&
      this.count < MAX_RECORDS &&
      this.lastTime - this.firstTime < MAX_GROWING_NS
    );
  }

  clear(): void {
    this.count = 0;
    this.firstSite = Number.POSITIVE_INFINITY;
    this.damaged = 0;
    this.unknown = 0;
    this.#used = 0;
    this.firstTime = Number.POSITIVE_INFINITY;
    this.lastTime = Number.NEGATIVE_INFINITY;
    this.#keys.clear();
    this.rules.clear();
  }

  /** Takes records from the front of `bytes` until it is full; returns how many bytes it took, at least one record. */
  fill(bytes: Uint8Array, keys: RecordKeys): number {
    keys.reset();
    const records = new RingStream(bytes);
    let end = 0;
    while (this.count < MAX_RECORDS) {
      if (!records.next()) {
        // what was discarded at the end belongs to nobody
        end = bytes.length;
        break;
      }
      if (this.#used + records.end > MAX_BYTES && this.count > 0) break;
      end = records.end;
      this.count++;
      try {
        keys.add(bytes, records.offset, records.length, this.#keys);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        this.damaged++;
        continue;
      }
      const { time, rule, site } = keys;
      if (time < this.firstTime) this.firstTime = time;
      if (time > this.lastTime) this.lastTime = time;
      if (site < this.firstSite) this.firstSite = site;
      if (rule === undefined) this.unknown++;
      else this.rules.set(rule, (this.rules.get(rule) ?? 0) + 1);
    }
    this.#append(bytes.subarray(0, end));
    return end;
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#used + bytes.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, MAX_BYTES));
      grown.set(this.bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#used);
    this.#used = needed;
  }
}
