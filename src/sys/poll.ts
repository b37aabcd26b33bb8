/** Waiting for a descriptor on Node's own event loop. Nothing spins, no thread is blocked. */
import type { Fd } from "./fd.ts";
import { kernel } from "./kernel.ts";
import type { Readiness } from "./kernel-interface.ts";

/** setTimeout cannot count further than 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 0x7fffffff;

export interface ReadinessWait {
  /** True as soon as the descriptor is ready, or has failed; false after the time or a cancel. */
  readonly promise: Promise<boolean>;
  /** Ends the wait; must happen before the descriptor is closed. */
  cancel(): void;
}

/** Starts to wait; `timeoutMs` may be Infinity. Only one wait at a time on a descriptor. */
export function startWait(fd: Fd, timeoutMs: number, readiness?: Readiness): ReadinessWait {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let timer: NodeJS.Timeout | undefined;
  const finish = (isReady: boolean): void => {
    clearTimeout(timer);
    watch.stop();
    resolve(isReady);
  };
  const watch = kernel().watch(fd.number, () => finish(true), readiness);
  if (timeoutMs < LONGEST_TIMER_MS) timer = setTimeout(finish, Math.max(timeoutMs, 0), false);
  return { promise, cancel: () => finish(false) };
}
