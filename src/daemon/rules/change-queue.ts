/** Changes of the rules in force, one after the other, until the service ends. Knows nothing of what they change. */
import { MachineError } from "../../sys/index.ts";
import { ENDING } from "../socket/protocol.ts";

/** What was asked for too late. */
export class EndingError extends MachineError {
  readonly code = ENDING;

  constructor() {
    super("the service is ending");
  }
}

/** The end of the service waits no longer than this for rules that are being loaded. */
const END_PATIENCE_MS = 2_000;

export class ChangeQueue {
  readonly #abort: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #isEnded = false;
  /** Calls of `end` that do not wait for changes any more. */
  #impatient = 0;

  /** `abort` makes the change under way give up. */
  constructor(abort: () => void) {
    this.#abort = abort;
  }

  /** No change is made any more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Throws EndingError where a change is not worth beginning: somebody waits for the end. */
  checkPatience(): void {
    if (this.#impatient > 0) throw new EndingError();
  }

  /** Makes a change behind those that were asked for before; throws EndingError when the service is ending. */
  change<T>(change: () => Promise<T>): Promise<T> {
    return this.enqueue(() => {
      if (this.#isEnded) throw new EndingError();
      this.checkPatience();
      return change();
    });
  }

  /** Runs `act` in its turn, also when the service is ending. */
  enqueue<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#last.then(act);
    this.#last = result.catch(() => {});
    return result;
  }

  /**
   * Runs `act` when the changes that were asked for are made, or have been given up because they take too long.
   * Afterwards none is made; if it throws, everything continues as before.
   */
  async end(act: () => void): Promise<void> {
    let hasGivenUp = false;
    const timer = setTimeout(() => {
      hasGivenUp = true;
      this.#impatient++;
      this.#abort();
    }, END_PATIENCE_MS);
    try {
      await this.enqueue(async () => {
        act();
        this.#isEnded = true;
      });
    } finally {
      clearTimeout(timer);
      if (hasGivenUp) this.#impatient--;
    }
  }
}
