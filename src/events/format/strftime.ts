/**
 * `%time{…}`: strftime(3), and fractions of a second: %f microseconds, %N nanoseconds, %3N %6N %9N that many digits.
 * Local time, except for `ISO`, which is UTC.
 */
import { parseTimeFormat, type TimeConversion, type TimePiece } from "../../language/index.ts";
import type { TextBuffer } from "../text-buffer.ts";
import type { WallClock } from "../wall-clock.ts";
import { dateParts, type LocalTime, partText } from "./date-parts.ts";

export type TimeWriter = (clock: WallClock, out: TextBuffer) => void;

export const DEFAULT_TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%6N";

const encoder = new TextEncoder();

/** Everything but the fraction changes once a second at most, so it is formatted once a second at most. */
export function compileTimeFormat(format: string): TimeWriter {
  const isUtc = format === "ISO";
  const pieces = parseTimeFormat(isUtc ? "%Y-%m-%dT%H:%M:%S.%9NZ" : format);
  // rules with such a format are refused
  if ("bad" in pieces) return (_, out) => out.string(format);
  const writers: TimeWriter[] = [];
  let whole: TimePiece[] = [];
  const flush = (): void => {
    if (whole.length > 0) writers.push(compileSeconds(whole, isUtc));
    whole = [];
  };
  for (const piece of pieces) {
    const digits = fractionDigits(piece);
    if (digits === undefined) whole.push(piece);
    else {
      flush();
      writers.push(compileFraction(digits));
    }
  }
  flush();
  return (clock, out) => {
    for (const write of writers) write(clock, out);
  };
}

/** Undefined: no fraction of a second. */
function fractionDigits(piece: TimePiece): number | undefined {
  if (typeof piece === "string") return undefined;
  return piece.letter === "f" ? 6 : piece.letter === "N" ? (piece.width ?? 9) : undefined;
}

function compileFraction(digits: number): TimeWriter {
  const divisor = 10 ** (9 - digits);
  return (clock, out) => out.padded(Math.floor(clock.nanoseconds / divisor), digits);
}

function compileSeconds(pieces: readonly TimePiece[], isUtc: boolean): TimeWriter {
  let second = Number.NaN;
  let text: Uint8Array = new Uint8Array(0);
  return (clock, out) => {
    if (clock.seconds !== second) {
      second = clock.seconds;
      text = encoder.encode(formatDate(pieces, second, isUtc));
    }
    out.append(text);
  };
}

function formatDate(pieces: readonly TimePiece[], seconds: number, isUtc: boolean): string {
  const utc = new Date(seconds * 1000);
  // a time that no Date holds comes from a damaged record only
  if (Number.isNaN(utc.getTime())) return "(invalid time)";
  const minutesEast = isUtc ? 0 : -utc.getTimezoneOffset();
  const moment: LocalTime = {
    date: new Date(utc.getTime() + minutesEast * 60_000),
    minutesEast,
    seconds,
    get zone() {
      return isUtc ? "UTC" : zoneName(utc, minutesEast);
    },
  };
  return pieces
    .map((piece) => (typeof piece === "string" ? piece : formatPart(piece, moment)))
    .join("");
}

function formatPart({ letter, pad, isUpper, width }: TimeConversion, moment: LocalTime): string {
  const text = partText(dateParts[letter]?.(moment) ?? "", pad, width);
  return isUpper ? text.toUpperCase() : text;
}

/** `CET`; zones without letters of their own have the offset, as in the tz database: `+0530`. */
function zoneName(date: Date, minutesEast: number): string {
  for (const locale of ["en-US", "en-GB", "en-AU", "en-IN"]) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: "short" }).formatToParts(date);
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    if (/^[A-Z]{3,5}$/.test(name)) return name;
  }
  const east = Math.abs(minutesEast);
  const [hours, minutes] = [Math.floor(east / 60), east % 60].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${minutesEast < 0 ? "-" : "+"}${hours}${minutes === "00" ? "" : minutes}`;
}
