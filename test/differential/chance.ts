/** Choices that a seed decides. */
import fc from "fast-check";

const BATCH = 64;

export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to count - 1. */
  below(count: number): number {
    return Math.floor(this.#next() * count);
  }

  /** One of them; there must be one. */
  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  /** True with this probability. */
  is(share: number): boolean {
    return this.#next() < share;
  }

  /** From 0 to below 1 (mulberry32). */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Values that fast-check makes, as many as are asked for. */
export function supply<T>(made: fc.Arbitrary<T>, chance: Chance): () => T {
  let batch: T[] = [];
  return () => {
    if (batch.length === 0)
      batch = fc.sample(made, { seed: chance.below(2 ** 31), numRuns: BATCH });
    return batch.pop() as T;
  };
}
