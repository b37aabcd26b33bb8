/** One automaton for many patterns: which of them hold for a text. */
import { buildNfa } from "./nfa.ts";
import type { Pattern } from "./pattern.ts";

export interface Classifier {
  /** Class of each byte value, 0..classCount-1. */
  readonly classOf: Uint8Array;
  readonly classCount: number;
  /** States that follow each state, by class. From state 0 nothing leads to a pattern. */
  readonly next: readonly (readonly number[])[];
  /** Indexes of the patterns that hold for a text which ends in each state. */
  readonly holds: readonly (readonly number[])[];
  readonly start: number;
}

/** Undefined if it needs more states. */
export function buildClassifier(
  patterns: readonly Pattern[],
  mostStates: number,
): Classifier | undefined {
  const nfa = unite(patterns);
  const { classOf, samples } = byteClasses(nfa.moves.flatMap((move) => move?.set ?? []));
  const ids = new Map<string, number>();
  const states: (readonly number[])[] = [];
  const idOf = (set: readonly number[]): number => {
    const key = set.join();
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, states.length);
    return states.push(set) - 1;
  };
  idOf([]);
  const start = idOf(closure(nfa, nfa.starts));
  const next: number[][] = [];
  for (let state = 0; state < states.length; state++) {
    if (states.length > mostStates) return undefined;
    const moves = (states[state] ?? []).flatMap((one) => nfa.moves[one] ?? []);
    next.push(
      samples.map((byte) => {
        const reached = moves.filter(({ set }) => set[byte] === 1).map(({ to }) => to);
        return reached.length === 0 ? 0 : idOf(closure(nfa, reached));
      }),
    );
  }
  const holds = states.map((set) =>
    [...new Set(set.flatMap((one) => nfa.accepts.get(one) ?? []))].toSorted((a, b) => a - b),
  );
  return { classOf, classCount: samples.length, next, holds, start };
}

/** For tests: the patterns that hold. */
export function classify({ classOf, next, holds, start }: Classifier, text: Uint8Array) {
  let state = start;
  for (const byte of text) state = next[state]?.[classOf[byte] ?? 0] ?? 0;
  return holds[state] ?? [];
}

interface United {
  readonly starts: readonly number[];
  /** Index of the pattern that ends in a state. */
  readonly accepts: ReadonlyMap<number, number>;
  readonly empty: readonly (readonly number[])[];
  readonly moves: ReturnType<typeof buildNfa>["moves"];
}

function unite(patterns: readonly Pattern[]): United {
  const starts: number[] = [];
  const accepts = new Map<number, number>();
  const empty: number[][] = [];
  const moves: United["moves"][number][] = [];
  for (const [i, pattern] of patterns.entries()) {
    const nfa = buildNfa(pattern);
    const offset = empty.length;
    starts.push(offset + nfa.start);
    accepts.set(offset + nfa.accept, i);
    for (const targets of nfa.empty) empty.push(targets.map((to) => offset + to));
    for (const move of nfa.moves) moves.push(move && { set: move.set, to: offset + move.to });
  }
  return { starts, accepts, empty, moves };
}

/** States that empty moves lead to, as far as they move on or end a pattern. */
function closure({ empty, moves, accepts }: United, seeds: readonly number[]): readonly number[] {
  const seen = new Set<number>();
  const todo = [...seeds];
  for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
    if (seen.has(state)) continue;
    seen.add(state);
    todo.push(...(empty[state] ?? []));
  }
  const kept = [...seen].filter((state) => moves[state] !== undefined || accepts.has(state));
  return kept.toSorted((a, b) => a - b);
}

/** Bytes that no move distinguishes share a class; a byte of each. */
function byteClasses(sets: readonly Uint8Array[]): { classOf: Uint8Array; samples: number[] } {
  const classOf = new Uint8Array(256);
  let count = 1;
  for (const set of sets) {
    const split = new Map<number, number>();
    for (let byte = 0; byte < 256; byte++) {
      const key = (classOf[byte] ?? 0) * 2 + (set[byte] ?? 0);
      if (!split.has(key)) split.set(key, split.size);
      classOf[byte] = split.get(key) ?? 0;
    }
    count = split.size;
  }
  const samples = Array.from({ length: count }, (_, one) => classOf.indexOf(one));
  return { classOf, samples };
}
