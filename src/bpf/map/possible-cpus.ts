/**
 * CPUs that could ever come online: per-CPU maps have a value for each of them, gaps in the numbering included.
 * Source: /sys/devices/system/cpu/possible, "0-3" or "0,2-5".
 */
import { readFileSync } from "node:fs";

/** Number of possible CPU ids: highest plus one. Throws on a list that is not one. */
export function parseCpuList(text: string): number {
  let highest = -1;
  for (const range of text.trim().split(",")) {
    const match = /^(?:\d+-)?(\d+)$/.exec(range);
    if (match === null) throw new Error(`Cannot parse CPU list "${text}": "${range}" is no range`);
    highest = Math.max(highest, Number(match[1]));
  }
  return highest + 1;
}

let cached: number | undefined;

export function possibleCpus(): number {
  cached ??= parseCpuList(readFileSync("/sys/devices/system/cpu/possible", "latin1"));
  return cached;
}
