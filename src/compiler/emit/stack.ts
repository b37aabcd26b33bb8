/** Slots of 8 bytes on the BPF stack, handed out and taken back like a stack. */
import { STACK_SIZE } from "../../bpf/asm/index.ts";
import { RECORD_HEADER_SIZE } from "../../events/layout.ts";

/** The rule needs more stack than a program has; reported at the rule. */
export class StackExhaustedError extends Error {
  constructor() {
    super(
      "Cannot compile the filter: it nests too deeply for the 512-byte stack of a kernel program",
    );
    this.name = "StackExhaustedError";
  }
}

/** Offset from R10 of a record that is built on the stack. */
export const STACK_RECORD = -STACK_SIZE;

export class StackFrame {
  #used = 0;
  readonly #limit = STACK_SIZE - RECORD_HEADER_SIZE;

  /** Offset from R10 of `count` free slots in a row; the lowest address is returned. */
  reserve(count = 1): number {
    this.#used += count * 8;
    if (this.#used > this.#limit) throw new StackExhaustedError();
    return -this.#used;
  }

  release(count = 1): void {
    this.#used -= count * 8;
  }

  /** Runs `body` with a slot that is free again afterwards. */
  with(count: number, body: (offset: number) => void): void {
    const offset = this.reserve(count);
    body(offset);
    this.release(count);
  }
}
