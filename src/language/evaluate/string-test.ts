/** The tests of a string against a constant pattern. */

import type { StringOp } from "../checked/index.ts";
import { parseGlob } from "../strings/glob.ts";
import { GlobMatcher } from "../strings/glob-matcher.ts";
import { compileRegex } from "../strings/regex.ts";
import { compareBytes, holds } from "./arithmetic.ts";

/** Whether `part` stands in `text` at `at`. */
function standsAt(text: Uint8Array, part: Uint8Array, at: number): boolean {
  if (at < 0 || at + part.length > text.length) return false;
  for (let i = 0; i < part.length; i++) if (text[at + i] !== part[i]) return false;
  return true;
}

/** Where `part` begins in `text`, from `from` on; -1: nowhere. */
export function indexOfBytes(text: Uint8Array, part: Uint8Array, from: number): number {
  const [first] = part;
  if (first === undefined) return from;
  for (let at = text.indexOf(first, from); at >= 0; at = text.indexOf(first, at + 1))
    if (standsAt(text, part, at)) return at;
  return -1;
}

/** Only ASCII letters have a case. */
export function lowerCase(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));
}

/** Compiled globs by the identity of their bytes, which belong to one checked node. */
const globs = new WeakMap<Uint8Array, GlobMatcher>();

function globOf(pattern: Uint8Array): GlobMatcher {
  const known = globs.get(pattern) ?? new GlobMatcher(parseGlob(pattern));
  globs.set(pattern, known);
  return known;
}

/** Applies one string operator; the pattern must be well formed. */
export function testString(op: StringOp, text: Uint8Array, pattern: Uint8Array): boolean {
  switch (op) {
    case "startswith":
      return standsAt(text, pattern, 0);
    case "endswith":
      return standsAt(text, pattern, text.length - pattern.length);
    case "contains":
      return indexOfBytes(text, pattern, 0) >= 0;
    case "icontains":
      return indexOfBytes(lowerCase(text), lowerCase(pattern), 0) >= 0;
    case "matches":
      return globOf(pattern).matches(text);
    case "=~":
      return compileRegex(pattern).matches(text);
    case "!~":
      return !compileRegex(pattern).matches(text);
    default:
      return holds(op, compareBytes(text, pattern));
  }
}
