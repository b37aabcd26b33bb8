/** Sizes and times as the configuration writes them. */
import { table } from "../../base/table.ts";

const BYTES = table<number>({
  "": 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
});
const MILLISECONDS = table<number>({
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
});

/** `64M`, `512K`, `65536`; a number is in bytes. */
export function readSizeBytes(value: unknown): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,15})([KMGT]?)$/i.exec(String(value)) ?? [];
  const factor = BYTES[unit.toUpperCase()];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** `500ms`, `10s`, `7d`; the unit has to be there. */
export function readDurationMs(value: unknown): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,12})(ms|[smhdw])$/.exec(String(value)) ?? [];
  const factor = MILLISECONDS[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
