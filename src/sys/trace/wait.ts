/** wait4(2) and the decoding of its status. */
import { SIGINFO_SIZE } from "../../base/linux-abi.ts";
import { syscall } from "../kernel.ts";
import { Memory } from "../memory.ts";
import { X64 } from "./number.ts";

export const WNOHANG = 1;
export const WNOWAIT = 0x1000000;
export const WALL = 0x40000000;
export const WEXITED = 4;
export const WSTOPPED = 2;
export const P_ALL = 0;
const P_PID = 1;

const SI_PID = 12;
const RUSAGE_SIZE = 144;
/** ru_stime: seconds and microseconds. */
const RU_STIME = 16;

/** Waits for any child without blocking; one status at a time. */
export class Waiter {
  readonly #status = Memory.allocate(4);
  readonly #info = Memory.allocate(SIGINFO_SIZE);
  readonly #usage = Memory.allocate(RUSAGE_SIZE);

  /** Id of the task, 0 when nothing is there, -errno: -ECHILD when there is no child any more. */
  poll(pid = -1): number {
    return syscall(X64.wait4, pid, this.#status.address, WALL | WNOHANG, 0);
  }

  /** Waits until there is one, or a signal comes: -EINTR. Measures the processor time of the task. */
  wait(isBlocking: boolean): number {
    const options = isBlocking ? WALL : WALL | WNOHANG;
    return syscall(X64.wait4, -1, this.#status.address, options, this.#usage.address);
  }

  /** Time in the kernel of the task that `wait` gave, in nanoseconds. */
  get systemNs(): bigint {
    const { view } = this.#usage;
    const seconds = view.getBigInt64(RU_STIME, true);
    return seconds * 1_000_000_000n + view.getBigInt64(RU_STIME + 8, true) * 1000n;
  }

  /** Whether the child has ended; its end is still there for `poll`. */
  hasEnded(pid: number): boolean {
    const info = this.#info;
    info.view.setInt32(SI_PID, 0, true);
    const options = WEXITED | WNOHANG | WNOWAIT | WALL;
    const result = syscall(X64.waitid, P_PID, pid, info.address, options, 0);
    return result < 0 || info.view.getInt32(SI_PID, true) === pid;
  }

  /** Of the task that `poll` gave. */
  get status(): number {
    return this.#status.view.getInt32(0, true);
  }

  close(): void {
    this.#status.free();
    this.#info.free();
    this.#usage.free();
  }

  [Symbol.dispose](): void {
    this.close();
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
