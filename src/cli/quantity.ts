/** Numbers with units on the command line. */
import { table } from "../base/table.ts";
import { UsageError } from "./errors.ts";

const MILLISECONDS = table<number>({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 });
const BYTES = table<number>({ "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 });

/** `10s`, `500ms`, `2h`; a bare number is in seconds. */
export function parseDurationMs(text: string, option: string): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|)$/.exec(text) ?? [];
  const factor = MILLISECONDS[unit || "s"];
  if (digits === "" || factor === undefined)
    throw new UsageError(`${option} takes a time like 10s, 500ms or 2h: '${text}'`);
  return Number(digits) * factor;
}

/** The same, more than nothing and no more than `longestMs`. */
export function parseDurationUpToMs(text: string, option: string, longestMs: number): number {
  const ms = parseDurationMs(text, option);
  if (ms > 0 && ms <= longestMs) return ms;
  const units = Object.entries(MILLISECONDS).filter(([, size]) => longestMs % size === 0);
  const [unit, size] = units.at(-1) ?? ["ms", 1];
  const longest = `${longestMs / size}${unit}`;
  throw new UsageError(`${option} takes a time of more than 0s, ${longest} at most: '${text}'`);
}

/** `64M`, `512K`, `65536`. */
export function parseSizeBytes(text: string, option: string): number {
  const [, digits = "", unit = ""] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  const factor = BYTES[unit.toUpperCase()];
  if (digits === "" || factor === undefined)
    throw new UsageError(`${option} takes a size like 512K or 64M: '${text}'`);
  return Number(digits) * factor;
}
