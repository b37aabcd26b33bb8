/**
 * The automaton of many patterns, with as few transitions as it takes: a state has those of the bytes that lead somewhere of their own, and
 * one for all others. A state says which patterns hold for a text that ends in it.
 */
import type { LinearPatterns, PatternNode } from "./linear-patterns.ts";

export interface SparseState {
  /** Byte and state in turn. */
  readonly moves: readonly number[];
  /** Where all other bytes lead. */
  readonly otherwise: number;
  /** Index of the list of patterns that hold. */
  readonly list: number;
}

export interface SparseAutomaton {
  /** Nothing leads away from the first, where no pattern holds. */
  readonly states: readonly SparseState[];
  readonly start: number;
  /** Numbers of patterns, ascending; the first is empty. */
  readonly lists: readonly (readonly number[])[];
}

const MOST_STATES = 1 << 19;
/** Nodes in all states, and numbers in all lists: patterns of which many hold at once multiply them. */
const MOST_STEPS = 1 << 21;
const SLASH = 0x2f;
/** A set of more bytes than this is known by the bytes that are not in it. */
const MANY = 128;

/** Undefined if it is too large. */
export function buildSparse({ nodes }: LinearPatterns): SparseAutomaton | undefined {
  return new Builder(nodes).build();
}

class Builder {
  readonly #nodes: readonly PatternNode[];
  readonly #ids = new Map<string, number>();
  readonly #sets: (readonly number[])[] = [];
  readonly #listIds = new Map<string, number>([["", 0]]);
  readonly #lists: (readonly number[])[] = [[]];
  readonly #idOfNode = new Map<number, number>();
  #steps = 0;

  constructor(nodes: readonly PatternNode[]) {
    this.#nodes = nodes;
  }

  build(): SparseAutomaton | undefined {
    this.#idOf([]);
    const start = this.#idOf([0]);
    const states: SparseState[] = [];
    for (let at = 0; at < this.#sets.length; at++) {
      if (at > MOST_STATES || this.#steps > MOST_STEPS) return undefined;
      const set = (this.#sets[at] ?? []).map((node) => this.#nodes[node] as PatternNode);
      states.push({ ...this.#movesOf(this.#sets[at] ?? [], set), list: this.#listOf(set) });
    }
    return { states, start, lists: this.#lists };
  }

  #movesOf(
    numbers: readonly number[],
    set: readonly PatternNode[],
  ): Pick<SparseState, "moves" | "otherwise"> {
    const [only] = set;
    if (set.length === 1 && only?.stays === undefined && only?.sets.length === 0) {
      const own = only.bytes.map((one, i) => (i % 2 === 0 ? one : this.#idOf([one])));
      return { moves: own, otherwise: 0 };
    }
    const byByte = new Map<number, number[]>();
    const wide: number[] = [];
    const listFor = (byte: number): number[] => {
      const known = byByte.get(byte) ?? [];
      byByte.set(byte, known);
      return known;
    };
    let isPlain = true;
    for (const [i, node] of set.entries()) {
      for (let at = 0; at < node.bytes.length; at += 2)
        listFor(node.bytes[at] as number).push(node.bytes[at + 1] as number);
      if (node.stays !== undefined) wide.push(numbers[i] as number);
      if (node.stays !== undefined || node.sets.length > 0) isPlain = false;
    }
    if (!isPlain) this.#addSets(numbers, set, listFor, wide);
    const otherwise = this.#idOf(wide);
    const moves: number[] = [];
    for (const [byte, to] of byByte) {
      const state = this.#idOf(to);
      if (state !== otherwise) moves.push(byte, state);
    }
    return { moves, otherwise };
  }

  /** What stays or takes one of a set, for each byte that is set apart, and for all others. */
  #addSets(
    numbers: readonly number[],
    set: readonly PatternNode[],
    listFor: (byte: number) => number[],
    wide: number[],
  ): void {
    const apart = new Set<number>();
    if (set.some(({ stays }) => stays === "name")) apart.add(SLASH);
    for (const { bytes, sets } of set) {
      for (let at = 0; at < bytes.length; at += 2) apart.add(bytes[at] as number);
      for (const one of sets) {
        const isMany = one.set.reduce((sum, bit) => sum + bit, 0) > MANY;
        if (isMany) wide.push(one.to);
        for (let byte = 0; byte < 256; byte++)
          if ((one.set[byte] === 1) !== isMany) apart.add(byte);
      }
    }
    for (const byte of apart) {
      const to = listFor(byte);
      for (const [i, { stays, sets }] of set.entries()) {
        if (stays === "any" || (stays === "name" && byte !== SLASH)) to.push(numbers[i] as number);
        for (const one of sets) if (one.set[byte] === 1) to.push(one.to);
      }
    }
  }

  #listOf(set: readonly PatternNode[]): number {
    const ends = set.flatMap((node) => node.ends);
    if (ends.length === 0) return 0;
    const list = [...new Set(ends)].sort((a, b) => a - b);
    const key = list.join();
    const known = this.#listIds.get(key);
    if (known !== undefined) return known;
    this.#steps += list.length;
    this.#listIds.set(key, this.#lists.length);
    return this.#lists.push(list) - 1;
  }

  /** Of a set of nodes and what follows them without a byte. */
  #idOf(nodes: readonly number[]): number {
    const [only] = nodes;
    if (nodes.length === 1 && only !== undefined && this.#nodes[only]?.stars.length === 0) {
      let id = this.#idOfNode.get(only);
      if (id === undefined) {
        id = this.#sets.push(nodes) - 1;
        this.#idOfNode.set(only, id);
      }
      return id;
    }
    const all = this.#closure(nodes);
    const [alone] = all;
    if (all.length === 1 && alone !== undefined && this.#nodes[alone]?.stars.length === 0)
      return this.#idOf(all);
    this.#steps += all.length;
    const key = all.join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.#sets.length);
    return this.#sets.push(all) - 1;
  }

  #closure(nodes: readonly number[]): readonly number[] {
    const seen = new Set<number>();
    const todo = [...nodes];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      todo.push(...(this.#nodes[node]?.stars ?? []));
    }
    return [...seen].sort((a, b) => a - b);
  }
}

/** For tests: the patterns that hold. */
export function classifySparse({ states, start, lists }: SparseAutomaton, text: Uint8Array) {
  let state = start;
  for (const byte of text) {
    const { moves, otherwise } = states[state] as SparseState;
    let to = otherwise;
    for (let at = 0; at < moves.length; at += 2)
      if (moves[at] === byte) to = moves[at + 1] as number;
    state = to;
  }
  return lists[states[state]?.list ?? 0] ?? [];
}
