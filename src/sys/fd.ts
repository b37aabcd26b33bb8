/** An open file descriptor that we own: closed once, by `close`, `using` or never; never used after that. */
import { syscall } from "./kernel.ts";
import { NR } from "./number.ts";

export class Fd {
  #number: number;

  constructor(number: number) {
    this.#number = number;
  }

  get isOpen(): boolean {
    return this.#number >= 0;
  }

  /** The number for the kernel. Throws when closed: the number may be someone else's by now. */
  get number(): number {
    if (this.#number < 0) throw new Error("Cannot use file descriptor: already closed");
    return this.#number;
  }

  /** Gives the descriptor away; it is not closed by this object any more. */
  release(): number {
    const { number } = this;
    this.#number = -1;
    return number;
  }

  /** Closing twice is allowed. Linux frees the number even when close(2) fails, so failures are not reported. */
  close(): void {
    if (this.#number < 0) return;
    syscall(NR.close, this.#number);
    this.#number = -1;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
