/** A pause that can be cut short. */
export class Wait {
  #stop: (() => void) | undefined;

  /** Resolves after the time, or when `end` is called. */
  start(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.end(), timeoutMs);
      this.#stop = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  end(): void {
    const stop = this.#stop;
    this.#stop = undefined;
    stop?.();
  }
}
