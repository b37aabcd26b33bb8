/** What each conversion of strftime(3) shows, in the C locale. */
import { table } from "../../base/table.ts";

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
const DAY_MS = 86_400_000;

/** A point in time, as a place shows it. */
export interface LocalTime {
  /** Shifted by `minutesEast`, so that its UTC fields are those of the place. */
  readonly date: Date;
  readonly minutesEast: number;
  readonly zone: string;
  /** Since 1970. */
  readonly seconds: number;
}

/** A number with its usual width and padding, or text. */
export type Part =
  | string
  | { readonly value: number; readonly width: number; readonly pad: "0" | "_" };

const zeros = (value: number, width = 2): Part => ({ value, width, pad: "0" });
const blanks = (value: number, width = 2): Part => ({ value, width, pad: "_" });
const year = ({ date }: LocalTime): number => date.getUTCFullYear();
const month = ({ date }: LocalTime): number => date.getUTCMonth();
const day = ({ date }: LocalTime): number => date.getUTCDate();
const hours = ({ date }: LocalTime): number => date.getUTCHours();
const weekday = ({ date }: LocalTime): number => date.getUTCDay();
const two = (value: number): string => String(value).padStart(2, "0");
const text = (at: LocalTime, ...letters: string[]): string[] =>
  letters.map((letter) => partText(dateParts[letter]?.(at) ?? ""));

export const dateParts = table<(at: LocalTime) => Part>({
  Y: (at) => zeros(year(at), 1),
  C: (at) => zeros(Math.floor(year(at) / 100)),
  y: (at) => zeros(year(at) % 100),
  m: (at) => zeros(month(at) + 1),
  d: (at) => zeros(day(at)),
  e: (at) => blanks(day(at)),
  H: (at) => zeros(hours(at)),
  k: (at) => blanks(hours(at)),
  I: (at) => zeros(hours(at) % 12 || 12),
  l: (at) => blanks(hours(at) % 12 || 12),
  p: (at) => (hours(at) < 12 ? "AM" : "PM"),
  P: (at) => (hours(at) < 12 ? "am" : "pm"),
  M: ({ date }) => zeros(date.getUTCMinutes()),
  S: ({ date }) => zeros(date.getUTCSeconds()),
  a: (at) => DAYS[weekday(at)]?.slice(0, 3) ?? "",
  A: (at) => DAYS[weekday(at)] ?? "",
  b: (at) => MONTHS[month(at)]?.slice(0, 3) ?? "",
  h: (at) => MONTHS[month(at)]?.slice(0, 3) ?? "",
  B: (at) => MONTHS[month(at)] ?? "",
  j: (at) => zeros(dayOfYear(at) + 1, 3),
  u: (at) => zeros(weekday(at) || 7, 1),
  w: (at) => zeros(weekday(at), 1),
  U: (at) => zeros(Math.floor((dayOfYear(at) + 7 - weekday(at)) / 7)),
  W: (at) => zeros(Math.floor((dayOfYear(at) + 7 - ((weekday(at) + 6) % 7)) / 7)),
  V: (at) => zeros(isoWeek(at).week),
  G: (at) => zeros(isoWeek(at).year, 1),
  g: (at) => zeros(isoWeek(at).year % 100),
  s: ({ seconds }) => zeros(seconds, 1),
  z: ({ minutesEast }) => {
    const east = Math.abs(minutesEast);
    return `${minutesEast < 0 ? "-" : "+"}${two(Math.floor(east / 60))}${two(east % 60)}`;
  },
  Z: ({ zone }) => zone,
  t: () => "\t",
  "%": () => "%",
  T: (at) => text(at, "H", "M", "S").join(":"),
  X: (at) => text(at, "H", "M", "S").join(":"),
  R: (at) => text(at, "H", "M").join(":"),
  r: (at) =>
    text(at, "I", "M", "S")
      .join(":")
      .concat(" ", ...text(at, "p")),
  F: (at) => text(at, "Y", "m", "d").join("-"),
  D: (at) => text(at, "m", "d", "y").join("/"),
  x: (at) => text(at, "m", "d", "y").join("/"),
  c: (at) => text(at, "a", "b", "e", "T", "Y").join(" "),
});

export function partText(part: Part, pad?: "0" | "_" | "-", least?: number): string {
  if (typeof part === "string")
    return least === undefined ? part : part.padStart(least, pad === "0" ? "0" : " ");
  const how = pad ?? part.pad;
  const digits = String(part.value);
  return how === "-" ? digits : digits.padStart(least ?? part.width, how === "0" ? "0" : " ");
}

/** From 0. */
function dayOfYear({ date }: LocalTime): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / DAY_MS);
}

/** Weeks begin on Monday, and belong to the year of their Thursday. */
function isoWeek({ date }: LocalTime): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * DAY_MS);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return {
    year: thursday.getUTCFullYear(),
    week: Math.floor((thursday.getTime() - first) / DAY_MS / 7) + 1,
  };
}
