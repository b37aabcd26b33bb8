/**
 * Finds lost events from the gaps in their sequence numbers. Processors hand events over slightly out of order, so
 * a number that has not come yet is only missing; it is lost once `window` later ones have come, or at the end.
 */
const DEFAULT_WINDOW = 65_536;

export class LossTracker {
  readonly #window: number;
  /** Every number below has come or was given up. */
  #next = 1;
  /** Numbers at or above `next` that have come. */
  readonly #early = new Set<number>();
  #lostCount = 0;

  constructor(window = DEFAULT_WINDOW) {
    this.#window = window;
  }

  /** Takes the sequence number of an event. Each number comes once. */
  add(seq: number): void {
    if (seq === this.#next) {
      this.#next++;
      if (this.#early.size > 0) this.#advance();
    } else if (seq > this.#next) {
      this.#early.add(seq);
      // half at once: looking for one gap at a time would scan the whole set for every event
      if (this.#early.size > this.#window) this.#giveUp(this.#window / 2);
    } else {
      // it was given up too soon
      this.#lostCount--;
    }
  }

  /** Events that are known to be lost. */
  get lost(): number {
    return this.#lostCount;
  }

  /** Counts what is missing now as lost: nothing comes any more, and `last` is the highest number given out. */
  finish(last = 0): number {
    this.#giveUp(this.#early.size);
    if (last >= this.#next) {
      this.#lostCount += last - this.#next + 1;
      this.#next = last + 1;
    }
    return this.#lostCount;
  }

  #advance(): void {
    while (this.#early.delete(this.#next)) this.#next++;
  }

  /** Passes over the gaps before the `count` lowest numbers that came early. */
  #giveUp(count: number): void {
    const lowest = Float64Array.from(this.#early).sort().subarray(0, count);
    for (const seq of lowest) {
      if (!this.#early.delete(seq)) continue;
      this.#lostCount += seq - this.#next;
      this.#next = seq + 1;
    }
    this.#advance();
  }
}
