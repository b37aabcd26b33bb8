/** How far the wall clock is ahead of the clock that events are stamped with. */
import { CLOCK_BOOTTIME, CLOCK_REALTIME } from "../../base/linux-abi.ts";
import { check, Memory, NR, syscall } from "../../sys/index.ts";

/** CLOCK_REALTIME minus CLOCK_BOOTTIME in ns. Both are read close together; the error is below a few microseconds. */
export function bootOffsetNs(): bigint {
  const before = readClock(CLOCK_BOOTTIME);
  const wall = readClock(CLOCK_REALTIME);
  const after = readClock(CLOCK_BOOTTIME);
  return wall - (before + after) / 2n;
}

/** CLOCK_BOOTTIME, which events are stamped with, in ns. */
export function bootTimeNs(): bigint {
  return readClock(CLOCK_BOOTTIME);
}

function readClock(clock: number): bigint {
  using time = Memory.allocate(16); // struct timespec
  check(syscall(NR.clock_gettime, clock, time.address), { call: "clock_gettime" });
  return time.view.getBigInt64(0, true) * 1_000_000_000n + time.view.getBigInt64(8, true);
}
