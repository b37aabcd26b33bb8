/**
 * Shares the event loop among outputs: each works for a few milliseconds, then the next one does, and between rounds
 * everything else has its turn. While events come faster than they are stored, outputs take less.
 */

/** The most that one piece of work should take. */
export const SLICE_MS = 3;
const ROUND_MS = 12;
/** Turns of the event loop for each that outputs get while something else is behind. */
const URGENT_TURNS = 4;

export class Turns {
  readonly #isUrgent: () => boolean;
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;
  #turn = 0;

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
      const isUrgent = this.#isUrgent();
      const end = performance.now() + (isUrgent ? 0 : ROUND_MS);
      // one piece of work, and as many more as there is time for
      if (!isUrgent || ++this.#turn % URGENT_TURNS === 0) {
        do this.#waiting.shift()?.();
        while (this.#waiting.length > 0 && performance.now() < end);
      }
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
