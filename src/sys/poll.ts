/** Waiting for a descriptor: ppoll(2) for "now?", Node's own event loop for "later". Nothing spins. */
import { EINTR } from "./errno.ts";
import type { Fd } from "./fd.ts";
import { check, kernel, syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

const POLLIN = 1;

/** Whether reading would not block; does not wait. */
export function isReadable(fd: Fd): boolean {
  // struct pollfd: int fd, short events, short revents; then a struct timespec of zero
  using memory = Memory.allocate(24);
  memory.view.setInt32(0, fd.number, true);
  memory.view.setInt16(4, POLLIN, true);
  const result = syscall(NR.ppoll, memory.address, 1, memory.address + 8, 0, 8);
  return result === -EINTR ? false : check(result, { call: "ppoll" }) > 0;
}

/** Resolves to true as soon as the descriptor is readable, to false after `timeoutMs` (Infinity: never). */
export function waitReadable(fd: Fd, timeoutMs: number): Promise<boolean> {
  const { number } = fd;
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const watch = kernel().watch(number, () => finish(true));
    const finish = (isReady: boolean): void => {
      clearTimeout(timer);
      watch.stop();
      resolve(isReady);
    };
    // setTimeout cannot count further than 2^31 - 1 ms
    if (timeoutMs < 0x7fffffff) timer = setTimeout(finish, Math.max(timeoutMs, 0), false);
  });
}
