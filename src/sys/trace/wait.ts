/** wait4(2) and the decoding of its status. */
import { syscall } from "../kernel.ts";
import { Memory } from "../memory.ts";
import { X64 } from "./number.ts";

export const WNOHANG = 1;
export const WNOWAIT = 0x1000000;
export const WALL = 0x40000000;
export const WEXITED = 4;
export const WSTOPPED = 2;
export const P_ALL = 0;

/** Waits for any child without blocking; one status at a time. */
export class Waiter {
  readonly #status = Memory.allocate(4);

  /** Id of the task, 0 when nothing is there, -errno: -ECHILD when there is no child any more. */
  poll(pid = -1): number {
    return syscall(X64.wait4, pid, this.#status.address, WALL | WNOHANG, 0);
  }

  /** Of the task that `poll` gave. */
  get status(): number {
    return this.#status.view.getInt32(0, true);
  }

  close(): void {
    this.#status.free();
  }
}

/** How a process ended. */
export type Ending =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: number };

export function isStopped(status: number): boolean {
  return (status & 0xff) === 0x7f;
}

export function endingOf(status: number): Ending {
  const signal = status & 0x7f;
  return signal === 0 ? { kind: "exit", code: (status >> 8) & 0xff } : { kind: "signal", signal };
}
