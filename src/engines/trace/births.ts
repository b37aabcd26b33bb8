/**
 * New threads and processes begin with the registers of the call that made them, also where REWRITE has changed these.
 * They get those of the program before their first instruction. Whose child it is the maker's stop reports, which may
 * come after the first one of the child: that waits then.
 */
import { mayChange } from "../supervised/call-numbers.ts";

/** Registers by their offset, with what the program had in them. */
type Registers = ReadonlyMap<number, bigint>;

export class Births {
  readonly #restore: (tid: number, registers: Registers) => void;
  /** Threads in a rewritten call of whose child is not known yet. */
  readonly #makers = new Map<number, Registers>();
  /** Children at their first stop, with what lets them begin. */
  readonly #waiting = new Map<number, () => void>();
  /** Children whose first stop is still to come. */
  readonly #expected = new Map<number, Registers>();

  constructor(restore: (tid: number, registers: Registers) => void) {
    this.#restore = restore;
  }

  /** A call that has been rewritten is about to run. */
  mayMake(maker: number, call: string, registers: Registers): void {
    if (mayChange(call, "tasks")) this.#makers.set(maker, registers);
  }

  /** Whether the maker's stop has to be reported. */
  isMaker(tid: number): boolean {
    return this.#makers.has(tid);
  }

  /** The maker's stop. */
  made(maker: number, child: number): void {
    const registers = this.#makers.get(maker);
    const begin = this.#waiting.get(child);
    this.#waiting.delete(child);
    if (registers !== undefined && begin === undefined) this.#expected.set(child, registers);
    else if (registers !== undefined) this.#restore(child, registers);
    begin?.();
    this.over(maker);
  }

  /** The first stop of a child. */
  begins(child: number, begin: () => void): void {
    const registers = this.#expected.get(child);
    this.#expected.delete(child);
    if (registers !== undefined) this.#restore(child, registers);
    else if (this.#makers.size > 0) {
      this.#waiting.set(child, begin);
      return;
    }
    begin();
  }

  /** A call has returned: nobody waits for the stop of a maker that will not come. */
  over(maker: number): void {
    if (!this.#makers.delete(maker) || this.#makers.size > 0) return;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const begin of waiting) begin();
  }

  ended(tid: number): void {
    this.#expected.delete(tid);
    this.#waiting.delete(tid);
    this.over(tid);
  }
}
