/** perf_event_open(2), as far as tracepoint and kprobe programs need it: an event that only carries a program. */
import { Fd } from "./fd.ts";
import { check, syscall } from "./kernel.ts";
import { Memory } from "./memory.ts";
import { NR } from "./number.ts";

/** PERF_ATTR_SIZE_VER5, since Linux 4.1: the part of struct perf_event_attr that we set. */
const ATTR_SIZE = 112;
const PERF_FLAG_FD_CLOEXEC = 8;

export interface PerfEventSpec {
  /** 2 for tracepoints, else the number in /sys/bus/event_source/devices/<pmu>/type. */
  readonly type: number;
  /** Tracepoint: its id in tracefs. Kprobe: 0 entry, 1 return. */
  readonly config: number;
  /** Kprobe: name of the kernel symbol. */
  readonly symbol?: string;
}

/** Opens the event for all tasks on CPU 0, which for these types means: everywhere. Throws SyscallError. */
export function openPerfEvent(spec: PerfEventSpec): Fd {
  using attr = Memory.allocate(ATTR_SIZE);
  using symbol = Memory.fromText(spec.symbol ?? "");
  attr.view.setUint32(0, spec.type, true);
  attr.view.setUint32(4, ATTR_SIZE, true);
  attr.view.setBigUint64(8, BigInt(spec.config), true);
  attr.view.setBigUint64(16, 1n, true); // sample_period
  if (spec.symbol !== undefined) attr.view.setBigUint64(56, BigInt(symbol.address), true); // config1
  const result = syscall(NR.perf_event_open, attr.address, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
  return new Fd(check(result, { call: "perf_event_open" }));
}
