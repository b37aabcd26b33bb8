/** Signals to tasks, the calling thread's mask, and the end of this process by a signal. */
export { SIGCONT, SIGKILL, SIGSTOP, SIGTRAP } from "../../base/linux-abi.ts";

import { SIG_SETMASK } from "../../base/linux-abi.ts";
import { syscall } from "../kernel.ts";
import { Memory } from "../memory.ts";
import { X64 } from "./number.ts";

const PR_SET_DUMPABLE = 4;

export function kill(pid: number, signal: number): number {
  return syscall(X64.kill, pid, signal);
}

/** Of the threads of a process this one gets the signal. */
export function killThread(pid: number, tid: number, signal: number): number {
  return syscall(X64.tgkill, pid, tid, signal);
}

/** Runs `body` with all signals blocked; it gets the mask that was in force. */
export function withSignalsBlocked<T>(body: (before: bigint) => T): T {
  using memory = Memory.allocate(16);
  memory.bytes.fill(0xff, 0, 8);
  syscall(X64.rt_sigprocmask, SIG_SETMASK, memory.address, memory.address + 8, 8);
  try {
    return body(memory.view.getBigUint64(8, true));
  } finally {
    syscall(X64.rt_sigprocmask, SIG_SETMASK, memory.address + 8, 0, 8);
  }
}

/**
 * Whether processes of this user may look into this one, trace it and take its descriptors. Execve resets it; the
 * superuser may always.
 */
export function setDumpable(isDumpable: boolean): void {
  syscall(X64.prctl, PR_SET_DUMPABLE, isDumpable ? 1 : 0);
}

/** Ends this process by a signal as a command would have been, without a core file of its own. */
export function dieBySignal(signal: number): void {
  using memory = Memory.allocate(40);
  setDumpable(false);
  // struct sigaction of all zeros: SIG_DFL
  syscall(X64.rt_sigaction, signal, memory.address, 0, 8);
  // an empty mask
  syscall(X64.rt_sigprocmask, SIG_SETMASK, memory.address + 32, 0, 8);
  syscall(X64.kill, process.pid, signal);
}
