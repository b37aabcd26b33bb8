/**
 * The text of `%time{…}`: the conversions of strftime(3), with the flags of the C library (`%-d`, `%_H`, `%^b`), and
 * fractions of a second. Which there are is known here; src/events writes them.
 */

export interface TimeConversion {
  readonly letter: string;
  /** What pads: zeros, blanks, nothing; absent: as usual for the conversion. */
  readonly pad?: "0" | "_" | "-";
  /** Upper case. */
  readonly isUpper: boolean;
  /** At least so many characters; of `N`: so many digits. */
  readonly width?: number;
}

export type TimePiece = string | TimeConversion;

/** Of strftime(3) all but `%n`, which would end the line; `%f` microseconds, `%N` nanoseconds. */
export const TIME_CONVERSIONS = "aAbBcCdDeFgGhHIjklmMNfpPrRsStTuUVwWxXyYzZ%";
const MAX_WIDTH = 32;
const CONVERSION = /%([-_0^#]*)(\d*)[EO]?(.?)/gsu;

/** A conversion that there is not is given as `bad`, with where it stands. */
export function parseTimeFormat(
  format: string,
): readonly TimePiece[] | { readonly bad: string; readonly at: number } {
  const pieces: TimePiece[] = [];
  let end = 0;
  for (const match of format.matchAll(CONVERSION)) {
    const [whole, flags = "", digits = "", letter = ""] = match;
    if (match.index > end) pieces.push(format.slice(end, match.index));
    end = match.index + whole.length;
    const width = digits === "" ? undefined : Number(digits);
    const isKnown = letter !== "" && TIME_CONVERSIONS.includes(letter);
    if (!isKnown || (width ?? 1) > (letter === "N" ? 9 : MAX_WIDTH) || width === 0)
      return { bad: whole, at: match.index };
    const pad = flags.match(/[-_0]/g)?.at(-1) as TimeConversion["pad"];
    pieces.push({
      letter,
      isUpper: /[\^#]/.test(flags),
      ...(pad === undefined ? {} : { pad }),
      ...(width === undefined ? {} : { width }),
    });
  }
  if (end < format.length) pieces.push(format.slice(end));
  return pieces;
}
