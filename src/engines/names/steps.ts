/** Work in steps, so that an event loop that has other things to do need not wait for all of it. */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Gives control back between steps; in the end what has come of them. */
export type Steps<T> = Generator<undefined, T>;

/** All of it now. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The first step now, each other one in a turn of the event loop of its own. Throws what a step throws. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await nextTurn();
  }
}

/** Work in turns that is asked for again and again: where it is under way, it is done once more behind that. */
export class Repeated<T> {
  readonly #begin: () => Steps<T>;
  readonly #onDone: (outcome: () => T) => void;
  #isBusy = false;
  #isStale = false;
  #isClosed = false;

  /** `onDone` is given what has come of each time: the call of `outcome` throws what a step threw. */
  constructor(begin: () => Steps<T>, onDone: (outcome: () => T) => void) {
    this.#begin = begin;
    this.#onDone = onDone;
  }

  readonly ask = (): void => {
    if (this.#isClosed) return;
    this.#isStale = this.#isBusy;
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#step(this.#begin());
  };

  #step(steps: Steps<T>): void {
    if (this.#isClosed) return;
    let outcome: () => T;
    try {
      const { done, value } = steps.next();
      if (done !== true) {
        setImmediate(() => this.#step(steps));
        return;
      }
      outcome = () => value;
    } catch (error) {
      outcome = () => {
        throw error;
      };
    }
    this.#isBusy = false;
    this.#onDone(outcome);
    if (this.#isStale) this.ask();
  }

  /** What is under way is not continued. */
  close(): void {
    this.#isClosed = true;
  }
}
