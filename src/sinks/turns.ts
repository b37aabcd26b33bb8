/**
 * Shares the event loop among outputs: each works for a few milliseconds, then the next one does, and between rounds
 * everything else has its turn. While events come faster than they are stored, outputs take less.
 */

/** The most that one piece of work should take. */
export const SLICE_MS = 3;
const ROUND_MS = 12;

export class Turns {
  readonly #isUrgent: () => boolean;
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  /** `isUrgent`: something more important than outputs is behind. */
  constructor(isUrgent: () => boolean = () => false) {
    this.#isUrgent = isUrgent;
  }

  /** Runs `work` when it is its turn. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => {
      this.#isRunning = false;
      const end = performance.now() + (this.#isUrgent() ? 0 : ROUND_MS);
      do this.#waiting.shift()?.();
      while (this.#waiting.length > 0 && performance.now() < end);
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
