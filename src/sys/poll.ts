/** Waiting for a descriptor: ppoll(2) for "now?", Node's own event loop for "later". Nothing spins. */
import { EINTR } from "./errno.ts";
import type { Fd } from "./fd.ts";
import { check, kernel, syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

const POLLIN = 1;
/** setTimeout cannot count further than 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 0x7fffffff;

/** Whether reading would not block; does not wait. */
export function isReadable(fd: Fd): boolean {
  // struct pollfd: int fd, short events, short revents; then a struct timespec of zero
  using memory = Memory.allocate(24);
  memory.view.setInt32(0, fd.number, true);
  memory.view.setInt16(4, POLLIN, true);
  const result = syscall(NR.ppoll, memory.address, 1, memory.address + 8, 0, 8);
  return result === -EINTR ? false : check(result, { call: "ppoll" }) > 0;
}

export interface ReadableWait {
  /** True as soon as the descriptor is readable, false after the time or a cancel. */
  readonly promise: Promise<boolean>;
  /** Ends the wait; must happen before the descriptor is closed. */
  cancel(): void;
}

/** Starts to wait; `timeoutMs` may be Infinity. Only one wait at a time on a descriptor. */
export function startWait(fd: Fd, timeoutMs: number): ReadableWait {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let timer: NodeJS.Timeout | undefined;
  const finish = (isReady: boolean): void => {
    clearTimeout(timer);
    watch.stop();
    resolve(isReady);
  };
  const watch = kernel().watch(fd.number, () => finish(true));
  if (timeoutMs < LONGEST_TIMER_MS) timer = setTimeout(finish, Math.max(timeoutMs, 0), false);
  return { promise, cancel: () => finish(false) };
}
