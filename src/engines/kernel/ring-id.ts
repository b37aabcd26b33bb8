/** Identifies a ring: positions are comparable within the same one only. */
import { type BpfMap, mapInfo } from "../../bpf/index.ts";
import { readNow } from "./manifest.ts";

/** No other ring has it, before or after a reboot. */
export function ringIdOf(events: BpfMap): string {
  const bootId = readNow("/proc/sys/kernel/random/boot_id").toString("latin1").trim();
  return `${bootId}-${mapInfo(events).id}`;
}
