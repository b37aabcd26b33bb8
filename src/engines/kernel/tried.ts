/** Work that is done again and again: where the machine refuses it, that is a problem until it works. */
import { SyscallError } from "../../sys/index.ts";

export class Tried {
  readonly #what: string;
  #problem: string | undefined;

  /** `what` is true while the work fails. */
  constructor(what: string) {
    this.#what = what;
  }

  /** Undefined: it worked last. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Throws what is a bug of ours. */
  run(act: () => void): void {
    try {
      act();
      this.#problem = undefined;
    } catch (error) {
      if (!isOfMachine(error)) throw error;
      this.#problem = `${this.#what}: ${error.message}; it is tried again every second`;
    }
  }
}

/** Of a system call of ours, or of one of node:fs. */
function isOfMachine(error: unknown): error is Error {
  if (error instanceof SyscallError) return true;
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}
