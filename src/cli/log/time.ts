/** Points in time on the command line: `10m` ago, `14:30` today, `2026-11-23`, `2026-11-23 14:30`, ISO 8601. */
import { table } from "../../base/table.ts";
import { UsageError } from "../errors.ts";

const UNITS = table({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 });
const DAYS = table({ today: 0, yesterday: -1 });

/** Milliseconds since 1970. Times of the day and dates are local, unless they say otherwise. */
export function parseTimeMs(text: string, option: string, nowMs = Date.now()): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)(?: ago)?$/.exec(text) ?? [];
  if (digits !== undefined) return nowMs - Number(digits) * (UNITS[unit ?? ""] ?? 0);
  const moment = parseDay(text, nowMs) ?? parseDate(text);
  if (moment !== undefined) return moment;
  throw new UsageError(
    `${option} takes a time like 10m, 2h, 14:30, 2026-11-23, '2026-11-23 14:30' or 2026-11-23T14:30:00Z: '${text}'`,
  );
}

function parseDay(text: string, nowMs: number): number | undefined {
  const today = new Date(nowMs);
  if (text === "now") return nowMs;
  const days = DAYS[text];
  if (days !== undefined) {
    return new Date(today.getFullYear(), today.getMonth(), today.getDate() + days).getTime();
  }
  const [, hour, minute, second = "0"] = /^(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return;
  today.setHours(Number(hour), Number(minute), Number(second), 0);
  return today.getTime();
}

/** Date.parse takes 30 February for 2 March. */
function isDate(text: string): boolean {
  const moment = new Date(`${text}T00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

function parseDate(text: string): number | undefined {
  const shape = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/;
  const [, date, time = "00:00", zone = ""] = shape.exec(text) ?? [];
  if (date === undefined || !isDate(date)) return undefined;
  const moment = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(moment) ? undefined : moment;
}
