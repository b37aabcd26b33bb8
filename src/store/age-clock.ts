/**
 * Which events are too old, by a wall clock that may be wrong: it jumps when it is set, starts in 1970 on machines
 * without a battery, and years ahead on those with a bad one. What is deleted does not come back when it is right
 * again, so it is believed only when nobody has set it for an hour.
 */

/** Both in ms; the second never jumps. */
export interface Clock {
  readonly wallMs: () => number;
  readonly elapsedMs: () => number;
}

export const SYSTEM_CLOCK: Clock = {
  wallMs: () => Date.now(),
  elapsedMs: () => performance.now(),
};

const BELIEVED_AFTER_MS = 3_600_000;
/** Slower changes than this are those of a clock that is kept right. */
const JUMP_MS = 10_000;

export class AgeClock {
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #openedAt: number;
  /** Wall clock against elapsed time, and since when it is this. */
  #offsetMs: number;
  #since: number;

  constructor(maxAgeMs: number, clock: Clock) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
    this.#openedAt = clock.elapsedMs();
    this.#since = this.#openedAt;
    this.#offsetMs = clock.wallMs() - this.#openedAt;
  }

  get wallMs(): number {
    return this.#clock.wallMs();
  }

  /** Wall clock, ms, before which events are too old; undefined: nobody can say at present. */
  get limitMs(): number | undefined {
    const now = this.#clock.elapsedMs();
    const wall = this.#clock.wallMs();
    const isSet = Math.abs(wall - now - this.#offsetMs) > JUMP_MS;
    if (isSet) this.#since = now;
    this.#offsetMs = wall - now;
    return now - this.#since < BELIEVED_AFTER_MS ? undefined : wall - this.#maxAgeMs;
  }

  /** Whether what was stored since the start can be too old, whatever time it says. */
  get reachesOwn(): boolean {
    return this.#clock.elapsedMs() - this.#openedAt >= this.#maxAgeMs;
  }
}
