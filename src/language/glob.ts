/**
 * Shell globs over bytes: pattern → tree, and a matcher without backtracking.
 * `?` is any byte but `/`, `*` any number of them, `**` any bytes at all, `[a-z]` one byte of a class (never `/`),
 * `{a,b}` either, `\` takes the next byte as it is. A `**` between slashes (or before the first) also stands
 * for no directory: between two slashes it matches them as one slash. A leading dot is nothing special.
 */

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
      readonly ranges: readonly (readonly [number, number])[];
    };

/** The pattern is malformed; the message says why. */
export class GlobError extends Error {
  override readonly name = "GlobError";
}

const MAX_NESTING = 50;
/** Longest pattern in bytes; names of files are no longer. */
const MAX_GLOB = 4096;

const code = (character: string): number => character.charCodeAt(0);
const SLASH = code("/");
const STAR = code("*");
const QUESTION = code("?");
const OPEN = code("{");
const CLOSE = code("}");
const COMMA = code(",");
const BRACKET = code("[");
const BACKSLASH = code("\\");

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
      if (byte === CLOSE) return { kind: "alternatives", items };
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
    const sign = this.#bytes[this.#at];
    const negated = sign === code("!") || sign === code("^");
    if (negated) this.#at++;
    const ranges: [number, number][] = [];
    // A `]` right at the beginning is a member.
    for (let first = true; first || this.#bytes[this.#at] !== code("]"); first = false) {
      const low = this.#classByte();
      const dash = this.#bytes[this.#at] === code("-") && this.#bytes[this.#at + 1] !== code("]");
      if (dash) this.#at++;
      const high = dash ? this.#classByte() : low;
      if (high < low) throw new GlobError("a range in `[…]` ends before it begins");
      ranges.push([low, high]);
    }
    this.#at++;
    return { kind: "class", negated, ranges };
  }
}

/** State of the automaton: consumes a byte that `accepts` and goes to `next`, or forks without consuming. */
interface State {
  readonly accepts?: (byte: number) => boolean;
  readonly next: number;
  readonly fork?: number;
}

/** A glob made ready to match many strings; time is (length of text) × (size of pattern) at worst. */
export class GlobMatcher {
  // State 0 is the end; states are built from the end of the pattern to its beginning.
  readonly #states: State[] = [{ next: -1 }];
  readonly #start: number;

  constructor(glob: GlobNode) {
    this.#start = this.#build(glob, 0);
  }

  #add(state: State): number {
    return this.#states.push(state) - 1;
  }

  #loop(accepts: (byte: number) => boolean, next: number): number {
    const loop = this.#add({ next });
    const body = this.#add({ accepts, next: loop });
    this.#states[loop] = { next, fork: body };
    return loop;
  }

  #build(node: GlobNode, next: number): number {
    switch (node.kind) {
      case "sequence":
        return node.items.reduceRight((after, item) => this.#build(item, after), next);
      case "alternatives":
        return node.items
          .map((item) => this.#build(item, next))
          .reduce((left, right) => this.#add({ next: left, fork: right }));
      case "literal":
        return node.bytes.reduceRight(
          (after, byte) => this.#add({ accepts: (b) => b === byte, next: after }),
          next,
        );
      case "any":
        return this.#add({ accepts: (b) => b !== SLASH, next });
      case "star":
        return this.#loop((b) => b !== SLASH, next);
      case "globstar":
        return this.#loop(() => true, next);
      case "class": {
        const { ranges, negated } = node;
        const inside = (b: number) => ranges.some(([low, high]) => b >= low && b <= high);
        return this.#add({ accepts: (b) => b !== SLASH && inside(b) !== negated, next });
      }
    }
  }

  /** Adds a state and all that it forks to; iterative, as patterns are long. */
  #enter(state: number, into: number[], marks: Uint32Array, mark: number): void {
    const pending = [state];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (marks[at] === mark) continue;
      marks[at] = mark;
      const { accepts, next, fork } = this.#states[at] as State;
      if (accepts || at === 0) into.push(at);
      else {
        pending.push(next);
        if (fork !== undefined) pending.push(fork);
      }
    }
  }

  matches(text: Uint8Array): boolean {
    const marks = new Uint32Array(this.#states.length);
    let current: number[] = [];
    this.#enter(this.#start, current, marks, 1);
    for (let i = 0; i < text.length; i++) {
      const byte = text[i] ?? 0;
      const following: number[] = [];
      for (const at of current) {
        const { accepts, next } = this.#states[at] as State;
        if (accepts?.(byte)) this.#enter(next, following, marks, i + 2);
      }
      if (following.length === 0) return false;
      current = following;
    }
    return current.includes(0);
  }
}
