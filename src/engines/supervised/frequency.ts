/** `occurrence`, `threshold` and `chance`: which of the calls that match a rule it takes for its own. */
import type { CallView, Frequency, Occurrence } from "../../language/index.ts";
import { Limiter } from "./limiter.ts";
import { Windows, windowKey } from "./windows.ts";

/** Asked once for each call that matches a rule. */
export class FrequencyCounter {
  readonly #frequency: Frequency;
  readonly #random: () => number;
  readonly #calls = new Windows<number>();
  /** Those that a limit of one less would hold back are those from the threshold on. */
  readonly #below: Limiter | undefined;

  /** `random`: numbers from 0 on, below 1. */
  constructor(frequency: Frequency, random: () => number) {
    const { threshold } = frequency;
    this.#frequency = frequency;
    this.#random = random;
    this.#below = threshold && new Limiter({ ...threshold, count: threshold.count - 1 });
  }

  isDue(view: CallView, nowNs: bigint): boolean {
    const { occurrence, chance } = this.#frequency;
    if (occurrence !== undefined && !this.#occurs(occurrence, view)) return false;
    if (this.#below !== undefined && this.#below.admit(view, nowNs) !== "held back") return false;
    return chance === undefined || this.#random() < chance;
  }

  #occurs(
    { first, last = Number.POSITIVE_INFINITY, step, per }: Occurrence,
    view: CallView,
  ): boolean {
    const key = windowKey(per, view);
    const before = this.#calls.get(key);
    const number = (before ?? 0) + 1;
    this.#calls.set(key, number);
    return number >= first && number <= last && (number - first) % step === 0;
  }
}

/** Numbers from 0 on, below 1, that depend on the seed alone, a whole number below 2^32 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
