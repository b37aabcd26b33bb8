/**
 * Texts too long to be held as a whole: what a program writes at once can have 2 GiB. They are read and tested piece by
 * piece; only globs and regular expressions need all of it together.
 */

import type { StringOp } from "../checked/index.ts";
import { compareBytes, holds } from "./arithmetic.ts";
import { indexOfBytes, lowerCase, testString } from "./string-test.ts";

/** Longest text in bytes that is read as a whole. */
export const MOST_HELD = 1 << 20;
/** The same, for tests that need it so. */
export const MOST_MATCHED = 64 << 20;

export interface LongText {
  /** In bytes. */
  readonly length: number;
  /** Exactly `size` bytes from `from` on; undefined: they cannot be read. */
  read(from: number, size: number): Uint8Array | undefined;
}

export function isLong(text: Uint8Array | LongText): text is LongText {
  return !(text instanceof Uint8Array);
}

/** All of it; undefined: it cannot be read, or is longer than MOST_MATCHED. */
export function readWhole(text: LongText): Uint8Array | undefined {
  return text.length > MOST_MATCHED ? undefined : text.read(0, text.length);
}

/** As testString() would say of the whole text; undefined: what it needs cannot be read. */
export function testLongText(
  op: StringOp,
  text: LongText,
  pattern: Uint8Array,
): boolean | undefined {
  switch (op) {
    case "startswith":
    case "endswith": {
      if (pattern.length > text.length) return false;
      const from = op === "startswith" ? 0 : text.length - pattern.length;
      const part = text.read(from, pattern.length);
      return part && compareBytes(part, pattern) === 0;
    }
    case "contains":
      return search(text, pattern.length, (piece) => indexOfBytes(piece, pattern, 0) >= 0);
    case "icontains": {
      const lower = lowerCase(pattern);
      return search(text, pattern.length, (piece) => indexOfBytes(lowerCase(piece), lower, 0) >= 0);
    }
    case "matches":
    case "=~":
    case "!~": {
      const whole = readWhole(text);
      return whole && testString(op, whole, pattern);
    }
    default: {
      // a longer text differs in what the pattern is long, or comes behind it
      const size = Math.min(text.length, pattern.length + 1);
      const part = text.read(0, size);
      return part && holds(op, compareBytes(part, pattern));
    }
  }
}

/** Whether a piece has what is looked for, of that many bytes; pieces overlap so that nothing falls between two. */
function search(
  text: LongText,
  size: number,
  has: (piece: Uint8Array) => boolean,
): boolean | undefined {
  for (let from = 0; from === 0 || from + size <= text.length; from += MOST_HELD) {
    const piece = text.read(from, Math.min(MOST_HELD + size, text.length - from));
    if (piece === undefined) return undefined;
    if (has(piece)) return true;
  }
  return false;
}
