/** Taking away what is left of rules that no call is judged by any more: when that fails, it is for the next swap or start. */
export class CleanUp {
  #unfinished: string | undefined;

  /** What is left, and why; undefined: nothing is. */
  get unfinished(): string | undefined {
    return this.#unfinished;
  }

  /** The new rules act, whatever goes wrong here: what stays is found pinned. Never throws. */
  attempt(act: () => void): void {
    try {
      act();
      this.#unfinished = undefined;
    } catch (error) {
      this.#unfinished = `what is left of the rules before could not be taken away yet: ${(error as Error).message}`;
    }
  }
}
