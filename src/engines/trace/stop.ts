/** What wait(2) says of a traced thread that has stopped. */
import { SIGTTOU } from "../../base/linux-abi.ts";
import { PTRACE_EVENT, SIGSTOP, SIGTRAP } from "../../sys/index.ts";

export interface Stop {
  /** SIGTRAP with bit 7: at a call, before it or at its return (PTRACE_O_TRACESYSGOOD). */
  readonly signal: number;
  /** PTRACE_EVENT_*; 0: a signal, or a call. */
  readonly event: number;
}

const SYSCALL_STOP = SIGTRAP | 0x80;

/** `status`: of a thread that has stopped. */
export function stopOf(status: number): Stop {
  return { signal: (status >> 8) & 0xff, event: status >> 16 };
}

export function isAtCall({ signal }: Stop): boolean {
  return signal === SYSCALL_STOP;
}

/** Whether it stays stopped with its whole process until SIGCONT. */
export function isGroupStop({ signal, event }: Stop): boolean {
  return event === PTRACE_EVENT.STOP && signal >= SIGSTOP && signal <= SIGTTOU;
}
