/** Scratch memory that ended threads leave to others of their process. */
import type { Scratch } from "./scratch.ts";

export class ScratchPool {
  /** By process. */
  readonly #free = new Map<number, Scratch[]>();

  /** A thread has ended. With the first one all memory of its process is gone. */
  ended(tid: number, scratch: Scratch | undefined): void {
    if (scratch !== undefined && scratch.pid !== tid)
      this.#free.set(scratch.pid, [...(this.#free.get(scratch.pid) ?? []), scratch]);
    this.forget(tid);
  }

  take(pid: number, abi: Scratch["abi"]): Scratch | undefined {
    const free = this.#free.get(pid);
    const at = free?.findIndex((one) => one.abi === abi) ?? -1;
    return at < 0 ? undefined : free?.splice(at, 1)[0];
  }

  /** The process has other memory now, or none. */
  forget(pid: number): void {
    this.#free.delete(pid);
  }
}
