/**
 * Regular expressions, RE2 syntax, over bytes: `.` is any byte but a newline, so that no odd byte in a file name
 * escapes a rule. Characters beyond ASCII in a pattern stand for their UTF-8 bytes.
 */
import { RE2JS } from "re2js";

import { latin1 } from "./latin1.ts";
import { loneClass } from "./named-classes.ts";
import { programOf, type RegexProgram } from "./regex-program.ts";

/** The pattern is malformed; the message says why. */
export class RegexError extends Error {
  override readonly name = "RegexError";
}

/** Longest pattern in bytes. */
const MAX_REGEX = 4096;
const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, "0")}`;

/** Length of the UTF-8 sequence that begins at `at`, 1 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 1;
  return length;
}

/**
 * The pattern in ASCII, each character beyond it written as a group of its bytes, so that `é+` repeats the
 * whole character. What it matches are byte strings read as Latin-1.
 */
export function byteRegex(pattern: Uint8Array): string {
  if (pattern.length > MAX_REGEX) throw new RegexError(`it is longer than ${MAX_REGEX} bytes`);
  let out = "";
  let inClass = false;
  let classStart = 0;
  for (let at = 0; at < pattern.length; ) {
    const byte = pattern[at] ?? 0;
    if (byte < 0x80) {
      const character = String.fromCharCode(byte);
      out += character;
      at++;
      if (character === "\\" && (pattern[at] ?? 0x80) < 0x80) {
        out += String.fromCharCode(pattern[at++] ?? 0);
      } else if (character === "[" && !inClass) {
        inClass = true;
        classStart = at - 1;
        // A `]` right at the beginning is a member.
        if (pattern[at] === 0x5e) out += String.fromCharCode(pattern[at++] ?? 0);
        if (pattern[at] === 0x5d) out += String.fromCharCode(pattern[at++] ?? 0);
      } else if (character === "[" && pattern[at] === 0x3a) {
        // [:alpha:] inside a class
        const end = pattern.indexOf(0x5d, at);
        for (; at <= end; at++) out += String.fromCharCode(pattern[at] ?? 0);
      } else if (character === "]") {
        const lone = inClass ? loneClass(latin1(pattern.subarray(classStart, at))) : undefined;
        if (lone !== undefined) throw new RegexError(lone);
        inClass = false;
      }
    } else if (inClass) {
      throw new RegexError("a class holds ASCII characters only; use `(?:…|…)`");
    } else {
      const length = sequenceLength(pattern, at);
      out += `(?:${Array.from(pattern.subarray(at, at + length), hex).join("")})`;
      at += length;
    }
  }
  return out;
}

/** A regular expression made ready to search many strings, in linear time. */
export class RegexMatcher {
  readonly #regex: RE2JS;

  constructor(regex: RE2JS) {
    this.#regex = regex;
  }

  /** Whether the pattern occurs anywhere in the text. */
  matches(text: Uint8Array): boolean {
    return this.#regex.matcher(latin1(text)).find();
  }

  /** What it executes, as steps over bytes. */
  program(): RegexProgram {
    return programOf(this.#regex);
  }
}

/** Largest automaton, roughly: a repetition multiplies what it repeats. */
const MAX_COST = 100_000;

/** About how large the automaton of a pattern becomes. */
export function regexCost(pattern: Uint8Array): number {
  let counts = 1;
  for (const [, least = "", most = ""] of byteRegex(pattern).matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    counts += Math.max(Number(least), Number(most));
  }
  return counts * pattern.length;
}

/** Compiled patterns by the identity of their bytes, which belong to one literal. */
const compiled = new WeakMap<Uint8Array, RegexMatcher>();

/** Compiles a pattern, once; throws a RegexError. */
export function compileRegex(pattern: Uint8Array): RegexMatcher {
  const known = compiled.get(pattern) ?? compile(pattern);
  compiled.set(pattern, known);
  return known;
}

function compile(pattern: Uint8Array): RegexMatcher {
  const source = byteRegex(pattern);
  if (regexCost(pattern) > MAX_COST) throw new RegexError("its repetitions are too large");
  if (/\(\?[a-zA-Z]*i/.test(source) && pattern.some((byte) => byte >= 0x80)) {
    throw new RegexError("(?i) knows the letters of ASCII only");
  }
  try {
    return new RegexMatcher(RE2JS.compile(source));
  } catch (problem) {
    if (!(problem instanceof Error)) throw problem;
    throw new RegexError(problem.message.replace(/^error parsing regexp: /, ""));
  }
}
