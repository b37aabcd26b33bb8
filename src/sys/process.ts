/** Facts and limits of this process that Node does not offer. */
import { getPriority, setPriority } from "node:os";
import { SIGURG } from "../base/linux-abi.ts";
import { check, syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

const RLIMIT_MEMLOCK = 8;

/** Id of the calling thread; on Node's main thread this is the pid. */
export function gettid(): number {
  return syscall(NR.gettid);
}

/** Takes the calling thread out of a service's precedence over others: what it does can wait, events cannot. */
export function stepBack(): void {
  const tid = gettid();
  try {
    if (getPriority(tid) < 0) setPriority(tid, 0);
  } catch {
    // it works as well
  }
}

/**
 * Has a blocking system call of another thread of this process end, if it looks for signals. The process must handle SIGURG,
 * which nothing else sends: a signal that is ignored interrupts nothing.
 */
export function interruptThread(tid: number): void {
  syscall(NR.tgkill, process.pid, tid, SIGURG);
}

/**
 * Ends the process at once. `process.exit` waits for Node's threads, and one of them may be in a file system or a name
 * server that does not answer.
 */
export function exitNow(code: number): never {
  syscall(NR.exit_group, code);
  throw new Error("exit_group returned");
}

/**
 * Lifts the limit on locked memory. Kernels before 5.11 count BPF maps and programs against it; newer ones do
 * not need this. Throws SyscallError: EPERM without CAP_SYS_RESOURCE.
 */
export function liftMemlockLimit(): void {
  using limit = Memory.allocate(16);
  limit.bytes.fill(0xff); // RLIM_INFINITY twice
  check(syscall(NR.prlimit64, 0, RLIMIT_MEMLOCK, limit.address, 0), {
    call: "prlimit64",
    command: "RLIMIT_MEMLOCK",
  });
}
