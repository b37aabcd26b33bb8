/** The classes of POSIX inside `[…]`, as in the C locale: bytes beyond ASCII are in none. */

export type ByteRanges = readonly (readonly [low: number, high: number])[];

const DIGIT: ByteRanges = [[0x30, 0x39]];
const UPPER: ByteRanges = [[0x41, 0x5a]];
const LOWER: ByteRanges = [[0x61, 0x7a]];
const ALPHA: ByteRanges = [...UPPER, ...LOWER];

export const NAMED_CLASSES: ReadonlyMap<string, ByteRanges> = new Map<string, ByteRanges>([
  ["alnum", [...DIGIT, ...ALPHA]],
  ["alpha", ALPHA],
  ["ascii", [[0x00, 0x7f]]],
  [
    "blank",
    [
      [0x09, 0x09],
      [0x20, 0x20],
    ],
  ],
  [
    "cntrl",
    [
      [0x00, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ["digit", DIGIT],
  ["graph", [[0x21, 0x7e]]],
  ["lower", LOWER],
  ["print", [[0x20, 0x7e]]],
  [
    "punct",
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
  [
    "space",
    [
      [0x09, 0x0d],
      [0x20, 0x20],
    ],
  ],
  ["upper", UPPER],
  ["word", [...DIGIT, ...ALPHA, [0x5f, 0x5f]]],
  [
    "xdigit",
    [
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ],
  ],
]);

export function unknownClass(name: string): string {
  const known = [...NAMED_CLASSES.keys()].join(", ");
  return `\`[:${name.slice(0, 20)}:]\` is no class of characters; there are ${known}`;
}

/** Why a whole class such as `[:digit:]` is refused: it holds the letters of the name, which nobody means (as grep says). */
export function loneClass(text: string): string | undefined {
  const [, sign, name] = /^\[([!^]?):([a-z]+):\]$/.exec(text) ?? [];
  if (name === undefined || !NAMED_CLASSES.has(name)) return undefined;
  return `\`${text}\` is one of its letters: write \`[${sign}[:${name}:]]\``;
}
