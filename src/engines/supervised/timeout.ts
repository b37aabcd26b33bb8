/** The timeout of a SUSPEND action, which may be longer than setTimeout can count. */

import { kill, killThread, SIGCONT, SIGSTOP } from "../../sys/index.ts";
import type { TracedCall } from "./call/traced-call.ts";
import type { SuspendOrder } from "./decide.ts";

/** 2^31 - 1 ms; what is longer, setTimeout takes for one millisecond. */
const LONGEST_TIMER_MS = 0x7fffffff;

export interface Timeout {
  cancel(): void;
}

/** Calls back once after that time, unless it is cancelled; keeps no process alive. Undefined: there is no timeout. */
export function startTimeout(
  timeoutNs: bigint | undefined,
  expired: () => void,
): Timeout | undefined {
  if (timeoutNs === undefined) return undefined;
  let leftMs = Number(timeoutNs / 1_000_000n);
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const step = Math.min(leftMs, LONGEST_TIMER_MS);
    leftMs -= step;
    timer = setTimeout(() => (leftMs > 0 ? wait() : expired()), step).unref();
  };
  wait();
  return { cancel: () => clearTimeout(timer) };
}

/**
 * Stops the process of a call by the thread that makes it, until the timeout. That thread: the kernel makes a call
 * again only where a signal waits for the thread, and the others stop with it.
 */
export function stopForOrder({ pid, task }: TracedCall, { timeoutNs }: SuspendOrder): void {
  killThread(pid, task.tid, SIGSTOP);
  startTimeout(timeoutNs, () => kill(pid, SIGCONT));
}
