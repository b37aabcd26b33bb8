/**
 * Shell globs over bytes: pattern → tree, and a matcher without backtracking.
 * `?` is any byte but `/`, `*` any number of them, `**` any bytes at all, `[a-z]` and `[[:digit:]]` one byte of a class
 * (never `/`), `{a,b}` either, `\` takes the next byte as it is. A `**` between slashes (or before the first) also stands
 * for no directory: between two slashes it matches them as one slash. A leading dot is nothing special.
 */

import { type ByteRanges, loneClass, NAMED_CLASSES, unknownClass } from "./named-classes.ts";

export type GlobNode =
  | { readonly kind: "sequence"; readonly items: readonly GlobNode[] }
  | { readonly kind: "alternatives"; readonly items: readonly GlobNode[] }
  | { readonly kind: "literal"; readonly bytes: Uint8Array }
  /** `?` */
  | { readonly kind: "any" }
  /** `*` */
  | { readonly kind: "star" }
  /** `**` */
  | { readonly kind: "globstar" }
  /** One byte that lies (or with `negated` does not lie) in one of the closed ranges, and is not `/`. */
  | {
      readonly kind: "class";
      readonly negated: boolean;
      readonly ranges: ByteRanges;
    };

/** The pattern is malformed; the message says why. */
export class GlobError extends Error {
  override readonly name = "GlobError";
}

const MAX_NESTING = 50;
/** Longest pattern in bytes; names of files are no longer. */
const MAX_GLOB = 4096;

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const code = (character: string): number => character.charCodeAt(0);
const SLASH = code("/");
const STAR = code("*");
const QUESTION = code("?");
const OPEN = code("{");
const CLOSE = code("}");
const COMMA = code(",");
const BRACKET = code("[");
const BACKSLASH = code("\\");

/** What means something else than itself. */
const GLOB_SPECIAL = /[*?[\]{}\\]/;
const EACH_SPECIAL = new RegExp(GLOB_SPECIAL, "g");

/** Something in the text means something else than itself. */
export function hasGlobSpecial(text: string): boolean {
  return GLOB_SPECIAL.test(text);
}

/** The pattern that this text alone fits. */
export function literalGlob(text: string): string {
  return text.replace(EACH_SPECIAL, "\\$&");
}

/** Parses a glob; throws a GlobError. */
export function parseGlob(pattern: Uint8Array): GlobNode {
  if (pattern.length > MAX_GLOB) throw new GlobError(`it is longer than ${MAX_GLOB} bytes`);
  const reader = new GlobReader(pattern);
  return reader.sequence(0);
}

class GlobReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  sequence(nesting: number): GlobNode {
    if (nesting > MAX_NESTING) throw new GlobError(`braces are nested deeper than ${MAX_NESTING}`);
    const items: GlobNode[] = [];
    let text: number[] = [];
    const flush = () => {
      if (text.length > 0) items.push({ kind: "literal", bytes: Uint8Array.from(text) });
      text = [];
    };
    for (; this.#at < this.#bytes.length; ) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (nesting > 0 && (byte === COMMA || byte === CLOSE)) break;
      const start = this.#at++;
      if (byte === STAR) {
        flush();
        items.push(...this.#stars(start));
      } else if (byte === QUESTION) {
        flush();
        items.push({ kind: "any" });
      } else if (byte === BRACKET) {
        flush();
        items.push(this.#class());
      } else if (byte === OPEN) {
        flush();
        items.push(this.#alternatives(nesting));
      } else if (byte === BACKSLASH) {
        const next = this.#bytes[this.#at++];
        if (next === undefined) throw new GlobError("nothing follows the `\\` at its end");
        text.push(next);
      } else text.push(byte);
    }
    flush();
    const [only] = items;
    return items.length === 1 && only ? only : { kind: "sequence", items };
  }

  #stars(start: number): GlobNode[] {
    if (this.#bytes[this.#at] !== STAR) return [{ kind: "star" }];
    while (this.#bytes[this.#at] === STAR) this.#at++;
    const whole = start === 0 || this.#bytes[start - 1] === SLASH;
    if (!whole || this.#bytes[this.#at] !== SLASH) return [{ kind: "globstar" }];
    this.#at++;
    const slash: GlobNode = { kind: "literal", bytes: Uint8Array.of(SLASH) };
    const some: GlobNode = { kind: "sequence", items: [{ kind: "globstar" }, slash] };
    return [{ kind: "alternatives", items: [{ kind: "sequence", items: [] }, some] }];
  }

  #alternatives(nesting: number): GlobNode {
    const items: GlobNode[] = [];
    for (;;) {
      items.push(this.sequence(nesting + 1));
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new GlobError("a `{` is not closed");
      if (byte !== CLOSE) continue;
      // a shell takes such braces as they stand, or counts from 1 to 3 in `{1..3}`
      if (items.length === 1)
        throw new GlobError("a `{…}` holds no comma: write `{a,b}`, or `\\{` for the character");
      return { kind: "alternatives", items };
    }
  }

  #classByte(): number {
    let byte = this.#bytes[this.#at++];
    if (byte === BACKSLASH) byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new GlobError("a `[` is not closed");
    if (byte >= 0x80) throw new GlobError("a class holds ASCII characters only; use `{…,…}`");
    return byte;
  }

  #class(): GlobNode {
    const start = this.#at - 1;
    const sign = this.#bytes[this.#at];
    const negated = sign === code("!") || sign === code("^");
    if (negated) this.#at++;
    const ranges: (readonly [number, number])[] = [];
    // A `]` right at the beginning is a member.
    for (let first = true; first || this.#bytes[this.#at] !== code("]"); first = false) {
      const named = this.#namedClass();
      if (named) {
        ranges.push(...named);
        continue;
      }
      const low = this.#classByte();
      const dash = this.#bytes[this.#at] === code("-") && this.#bytes[this.#at + 1] !== code("]");
      if (dash) this.#at++;
      if (dash && this.#namedClass()) throw new GlobError("a range in `[…]` ends in a named class");
      const high = dash ? this.#classByte() : low;
      if (high < low) throw new GlobError("a range in `[…]` ends before it begins");
      ranges.push([low, high]);
    }
    this.#at++;
    const lone = loneClass(decode(this.#bytes.subarray(start, this.#at)));
    if (lone !== undefined) throw new GlobError(lone);
    return { kind: "class", negated, ranges };
  }

  /** `[:digit:]` inside a class; undefined if none stands here. */
  #namedClass(): ByteRanges | undefined {
    const sign = this.#bytes[this.#at + 1];
    if (this.#bytes[this.#at] !== BRACKET || sign === undefined) return undefined;
    const text = String.fromCharCode(sign);
    if (text === "." || text === "=")
      throw new GlobError(
        `\`[${text}…${text}]\` in a class depends on a locale: write the characters`,
      );
    if (text !== ":") return undefined;
    const end = this.#bytes.indexOf(code(":"), this.#at + 2);
    if (end < 0 || this.#bytes[end + 1] !== code("]")) return undefined;
    const name = decode(this.#bytes.subarray(this.#at + 2, end));
    const ranges = NAMED_CLASSES.get(name);
    if (!ranges) throw new GlobError(unknownClass(name));
    this.#at = end + 2;
    return ranges;
  }
}
