/**
 * The automaton of many patterns, with as few transitions as it takes: a state has those of the bytes that lead somewhere of their own, and
 * one for all others. A state says which patterns hold for a text that ends in it.
 */
import { IntList } from "./int-list.ts";
import { type LinearPatterns, NodeTrait } from "./linear-patterns.ts";
import { SetIds } from "./set-ids.ts";

export interface SparseAutomaton {
  /** How many states there are. Nothing leads away from the first, where no pattern holds. */
  readonly count: number;
  /** Byte and state in turn, those of each state behind those of the one before. */
  readonly moves: Int32Array;
  /** Of each state the index of its first move; behind the last, that of the end. */
  readonly firstMove: Int32Array;
  /** Of each state where all other bytes lead. */
  readonly otherwise: Int32Array;
  /** Of each state the index of the list of patterns that hold. */
  readonly list: Int32Array;
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
export function buildSparse(patterns: LinearPatterns): SparseAutomaton | undefined {
  return new Builder(patterns).build();
}

const NONE = -1;
const STAYS = NodeTrait.staysAny | NodeTrait.staysName;

class Builder {
  readonly #patterns: LinearPatterns;
  readonly #ids = new SetIds();
  /** Of each state its one node; where it has several, they are in a set. */
  readonly #nodeOf = new IntList();
  readonly #sets = new Map<number, readonly number[]>();
  readonly #listIds = new SetIds();
  readonly #lists: (readonly number[])[] = [[]];
  readonly #idOfNode: Int32Array;
  readonly #moves = new IntList();
  /** Of each node the number of the last closure that has it. */
  readonly #closureOf: Int32Array;
  #closures = 0;
  #steps = 0;

  constructor(patterns: LinearPatterns) {
    this.#patterns = patterns;
    this.#idOfNode = new Int32Array(patterns.count).fill(NONE);
    this.#closureOf = new Int32Array(patterns.count);
  }

  build(): SparseAutomaton | undefined {
    this.#idOf([]);
    const start = this.#idOfOne(0);
    const firstMove = new IntList();
    const otherwise = new IntList();
    const list = new IntList();
    for (let at = 0; at < this.#nodeOf.length; at++) {
      if (at > MOST_STATES || this.#steps > MOST_STEPS) return undefined;
      firstMove.push(this.#moves.length);
      const node = this.#nodeOf.at(at);
      if (node !== NONE && !this.#patterns.has(node, STAYS | NodeTrait.sets)) {
        this.#moveOn(node);
        otherwise.push(0);
        list.push(this.#listOf(this.#patterns.ends(node)));
        continue;
      }
      const set = node === NONE ? (this.#sets.get(at) ?? []) : [node];
      otherwise.push(this.#moveAll(set));
      list.push(this.#listOf(set.flatMap((one) => this.#patterns.ends(one))));
    }
    firstMove.push(this.#moves.length);
    return {
      count: this.#nodeOf.length,
      moves: this.#moves.items(),
      firstMove: firstMove.items(),
      otherwise: otherwise.items(),
      list: list.items(),
      start,
      lists: this.#lists,
    };
  }

  /** From a node that takes bytes alone. */
  #moveOn(node: number): void {
    this.#patterns.eachByte(node, (byte, to) => this.#move(byte, this.#idOfOne(to)));
  }

  #move(byte: number, state: number): void {
    this.#moves.push(byte);
    this.#moves.push(state);
  }

  /** Gives the state to which all other bytes lead. */
  #moveAll(set: readonly number[]): number {
    const byByte = new Map<number, number[]>();
    const wide: number[] = [];
    const listFor = (byte: number): number[] => {
      const known = byByte.get(byte) ?? [];
      byByte.set(byte, known);
      return known;
    };
    let isPlain = true;
    for (const node of set) {
      this.#patterns.eachByte(node, (byte, to) => void listFor(byte).push(to));
      if (this.#patterns.has(node, STAYS)) wide.push(node);
      if (this.#patterns.has(node, STAYS | NodeTrait.sets)) isPlain = false;
    }
    if (!isPlain) this.#addSets(set, listFor, wide);
    const otherwise = this.#idOf(wide);
    for (const [byte, to] of byByte) {
      const state = this.#idOf(to);
      if (state !== otherwise) this.#move(byte, state);
    }
    return otherwise;
  }

  /** What stays or takes one of a set, for each byte that is set apart, and for all others. */
  #addSets(set: readonly number[], listFor: (byte: number) => number[], wide: number[]): void {
    const patterns = this.#patterns;
    const nodes = set.map((node) => ({ node, sets: patterns.sets(node) }));
    const apart = new Set<number>();
    if (set.some((node) => patterns.has(node, NodeTrait.staysName))) apart.add(SLASH);
    for (const { node, sets } of nodes) {
      patterns.eachByte(node, (byte) => void apart.add(byte));
      for (const one of sets) {
        const isMany = one.set.reduce((sum, bit) => sum + bit, 0) > MANY;
        if (isMany) wide.push(one.to);
        for (let byte = 0; byte < 256; byte++)
          if ((one.set[byte] === 1) !== isMany) apart.add(byte);
      }
    }
    for (const byte of apart) {
      const to = listFor(byte);
      for (const { node, sets } of nodes) {
        const stays =
          patterns.has(node, NodeTrait.staysAny) ||
          (patterns.has(node, NodeTrait.staysName) && byte !== SLASH);
        if (stays) to.push(node);
        for (const one of sets) if (one.set[byte] === 1) to.push(one.to);
      }
    }
  }

  #listOf(ends: readonly number[]): number {
    if (ends.length === 0) return 0;
    const list = ends.length === 1 ? ends : [...new Set(ends)].sort((a, b) => a - b);
    const known = this.#listIds.get(list);
    if (known !== undefined) return known;
    this.#steps += list.length;
    this.#listIds.set(list, this.#lists.length);
    return this.#lists.push(list) - 1;
  }

  /** Of a node and what follows it without a byte. */
  #idOfOne(node: number): number {
    if (this.#patterns.has(node, NodeTrait.stars)) return this.#idOf([node]);
    const known = this.#idOfNode[node] as number;
    if (known !== NONE) return known;
    const id = this.#nodeOf.push(node);
    this.#idOfNode[node] = id;
    return id;
  }

  /** Of a set of nodes and what follows them without a byte. */
  #idOf(nodes: readonly number[]): number {
    const [only] = nodes;
    if (nodes.length === 1 && only !== undefined && !this.#patterns.has(only, NodeTrait.stars))
      return this.#idOfOne(only);
    const all = this.#closure(nodes);
    const [alone] = all;
    if (all.length === 1 && alone !== undefined && !this.#patterns.has(alone, NodeTrait.stars))
      return this.#idOfOne(alone);
    this.#steps += all.length;
    const known = this.#ids.get(all);
    if (known !== undefined) return known;
    const id = this.#nodeOf.push(NONE);
    this.#ids.set(all, id);
    this.#sets.set(id, all);
    return id;
  }

  #closure(nodes: readonly number[]): readonly number[] {
    const number = ++this.#closures;
    const all: number[] = [];
    const todo = [...nodes];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      if (this.#closureOf[node] === number) continue;
      this.#closureOf[node] = number;
      all.push(node);
      for (const next of this.#patterns.stars(node)) todo.push(next);
    }
    return all.sort((a, b) => a - b);
  }
}

/** For tests: the patterns that hold. */
export function classifySparse(automaton: SparseAutomaton, text: Uint8Array): readonly number[] {
  const { moves, firstMove, otherwise, list, lists } = automaton;
  let state = automaton.start;
  for (const byte of text) {
    let to = otherwise[state] as number;
    for (let at = firstMove[state] as number; at < (firstMove[state + 1] as number); at += 2)
      if (moves[at] === byte) to = moves[at + 1] as number;
    state = to;
  }
  return lists[list[state] as number] ?? [];
}
