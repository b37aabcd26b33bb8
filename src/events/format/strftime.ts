/**
 * `%time{…}`: the part of strftime(3) that log lines need, and fractions of a second: %f microseconds,
 * %N nanoseconds, %3N %6N %9N that many digits. Local time, except for `ISO`, which is UTC.
 */
import type { TextBuffer } from "../text-buffer.ts";
import type { WallClock } from "../wall-clock.ts";

export type TimeWriter = (clock: WallClock, out: TextBuffer) => void;

export const DEFAULT_TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%6N";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const encoder = new TextEncoder();

/** Everything but the fraction changes once a second at most, so it is formatted once a second at most. */
export function compileTimeFormat(format: string): TimeWriter {
  if (format === "ISO") return compileParts("%Y-%m-%dT%H:%M:%S.%9NZ", true);
  return compileParts(format, false);
}

function compileParts(format: string, isUtc: boolean): TimeWriter {
  const writers: TimeWriter[] = [];
  for (const part of format.split(/(%%|%[369]?N|%f)/)) {
    const digits = part === "%f" ? 6 : /^%[369]?N$/.test(part) ? Number(part[1]) || 9 : 0;
    if (digits > 0) writers.push(compileFraction(digits));
    else if (part !== "") writers.push(compileSeconds(part, isUtc));
  }
  return (clock, out) => {
    for (const write of writers) write(clock, out);
  };
}

function compileFraction(digits: number): TimeWriter {
  const divisor = 10 ** (9 - digits);
  return (clock, out) => out.padded(Math.floor(clock.nanoseconds / divisor), digits);
}

function compileSeconds(format: string, isUtc: boolean): TimeWriter {
  let second = Number.NaN;
  let text: Uint8Array = new Uint8Array(0);
  return (clock, out) => {
    if (clock.seconds !== second) {
      second = clock.seconds;
      text = encoder.encode(formatDate(format, second, isUtc));
    }
    out.append(text);
  };
}

function formatDate(format: string, seconds: number, isUtc: boolean): string {
  const date = new Date(seconds * 1000);
  // a time that no Date holds comes from a damaged record only
  if (Number.isNaN(date.getTime())) return "(invalid time)";
  const minutesEast = isUtc ? 0 : -date.getTimezoneOffset();
  // reading a shifted date as UTC serves both zones with one set of getters
  const local = new Date(date.getTime() + minutesEast * 60_000);
  return format.replace(/%([A-Za-z%])/g, (whole, letter: string) => {
    const part = datePart(letter, local, minutesEast, seconds);
    return part ?? whole;
  });
}

function datePart(
  letter: string,
  date: Date,
  minutesEast: number,
  seconds: number,
): string | undefined {
  const two = (value: number): string => String(value).padStart(2, "0");
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const day = date.getUTCDate();
  const hours = date.getUTCHours();
  const time = `${two(hours)}:${two(date.getUTCMinutes())}`;
  switch (letter) {
    case "Y":
      return String(year);
    case "y":
      return two(year % 100);
    case "m":
      return two(month + 1);
    case "d":
      return two(day);
    case "e":
      return String(day).padStart(2);
    case "H":
      return two(hours);
    case "I":
      return two(hours % 12 || 12);
    case "p":
      return hours < 12 ? "AM" : "PM";
    case "M":
      return two(date.getUTCMinutes());
    case "S":
      return two(date.getUTCSeconds());
    case "T":
      return `${time}:${two(date.getUTCSeconds())}`;
    case "R":
      return time;
    case "F":
      return `${year}-${two(month + 1)}-${two(day)}`;
    case "j":
      return String((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000 + 1).padStart(
        3,
        "0",
      );
    case "a":
      return DAYS[date.getUTCDay()]?.slice(0, 3);
    case "A":
      return DAYS[date.getUTCDay()];
    case "b":
      return MONTHS[month]?.slice(0, 3);
    case "B":
      return MONTHS[month];
    case "s":
      return String(seconds);
    case "z": {
      const east = Math.abs(minutesEast);
      return `${minutesEast < 0 ? "-" : "+"}${two(Math.floor(east / 60))}${two(east % 60)}`;
    }
    case "%":
      return "%";
    default:
      return undefined;
  }
}
