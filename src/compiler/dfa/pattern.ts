/**
 * Regular patterns over bytes: the small algebra that globs, substrings and byte order are lowered to before
 * they become a DFA. Building blocks are plain data, so that they can be tested without a kernel.
 */

/** 256 flags, one per byte value. */
export type ByteSet = Uint8Array;

export type Pattern =
  | { readonly kind: "set"; readonly set: ByteSet }
  | { readonly kind: "sequence"; readonly items: readonly Pattern[] }
  | { readonly kind: "choice"; readonly items: readonly Pattern[] }
  | { readonly kind: "star"; readonly item: Pattern }
  /** Made already; `key` is the same for automata that are the same. */
  | { readonly kind: "automaton"; readonly nfa: Nfa; readonly key: string };

/** A nondeterministic automaton. */
export interface Nfa {
  readonly start: number;
  readonly accept: number;
  /** Empty moves of each state. */
  readonly empty: readonly (readonly number[])[];
  /** The byte move of each state, if it has one. */
  readonly moves: readonly ({ readonly set: ByteSet; readonly to: number } | undefined)[];
}

export function byteSet(test: (byte: number) => boolean): ByteSet {
  return Uint8Array.from({ length: 256 }, (_, byte) => (test(byte) ? 1 : 0));
}

export const EMPTY: Pattern = { kind: "sequence", items: [] };
export const ANY_BYTE: Pattern = { kind: "set", set: byteSet(() => true) };
export const ANYTHING: Pattern = { kind: "star", item: ANY_BYTE };

/** By value, made when first used: `sct run` starts with this module, and needs none of them. */
const ONE_BYTE: Pattern[] = [];

function oneByte(value: number): Pattern {
  let pattern = ONE_BYTE[value];
  if (pattern === undefined) {
    const set = new Uint8Array(256);
    set[value] = 1;
    pattern = { kind: "set", set };
    ONE_BYTE[value] = pattern;
  }
  return pattern;
}

export function literal(bytes: Uint8Array): Pattern {
  return {
    kind: "sequence",
    items: [...bytes].map(oneByte),
  };
}

/** Bytes that are equal when ASCII letter case is ignored. */
export function literalIgnoringCase(bytes: Uint8Array): Pattern {
  return {
    kind: "sequence",
    items: [...bytes].map((value) => {
      const folded = lowerCase(value);
      return { kind: "set", set: byteSet((byte) => lowerCase(byte) === folded) };
    }),
  };
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

export function containing(inner: Pattern): Pattern {
  return { kind: "sequence", items: [ANYTHING, inner, ANYTHING] };
}

export function startingWith(inner: Pattern): Pattern {
  return { kind: "sequence", items: [inner, ANYTHING] };
}

export function endingWith(inner: Pattern): Pattern {
  return { kind: "sequence", items: [ANYTHING, inner] };
}

/** All strings that sort before `bytes` bytewise; with `orEqual` also `bytes` itself. */
export function sortingBefore(bytes: Uint8Array, orEqual: boolean): Pattern {
  // after the common prefix either the string ends, or it continues with a smaller byte
  let rest: Pattern = orEqual ? EMPTY : { kind: "choice", items: [] };
  for (let i = bytes.length - 1; i >= 0; i--) {
    const value = bytes[i] as number;
    const smaller: Pattern = { kind: "set", set: byteSet((byte) => byte < value) };
    const same: Pattern = { kind: "set", set: byteSet((byte) => byte === value) };
    rest = {
      kind: "choice",
      items: [EMPTY, startingWith(smaller), { kind: "sequence", items: [same, rest] }],
    };
  }
  return rest;
}
