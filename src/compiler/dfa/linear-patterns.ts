/**
 * Many patterns as one tree of steps: bytes, sets of bytes, and stars. Those that begin alike share their beginning, so that ten thousand
 * paths take little more than their ends.
 */
import type { StringOp } from "../../language/checked/index.ts";
import { type GlobNode, parseGlob } from "../../language/index.ts";
import { globPattern } from "./glob-pattern.ts";
import type { ByteSet } from "./pattern.ts";

/** What operators can be put into a tree. */
export type LinearOp = Extract<
  StringOp,
  "==" | "startswith" | "endswith" | "contains" | "icontains" | "matches"
>;

const LINEAR: ReadonlySet<StringOp> = new Set<LinearOp>([
  "==",
  "startswith",
  "endswith",
  "contains",
  "icontains",
  "matches",
]);

export function isLinear(op: StringOp): op is LinearOp {
  return LINEAR.has(op);
}

/** Bytes are steps of their own value. */
const ANY_STAR = 256;
const NAME_STAR = 257;
const FIRST_SET = 258;
const MOST_STEPS = 1024;
/** Of one pattern, all its alternatives multiplied. */
const MOST_WAYS = 64;

/** A node of the tree: what may follow. */
export interface PatternNode {
  /** Byte and node in turn. */
  bytes: readonly number[];
  sets: readonly { readonly set: ByteSet; readonly to: number }[];
  /** It stays here for any byte, or any but a slash. */
  readonly stays: "any" | "name" | undefined;
  /** What can follow without a byte. */
  stars: readonly number[];
  /** Numbers of the patterns that end here. */
  ends: readonly number[];
}

/** Of most nodes: there are many. */
const NONE: readonly never[] = [];

export class LinearPatterns {
  readonly nodes: PatternNode[] = [];
  readonly #next = new Map<number, number>();
  readonly #sets = new Map<string, { readonly step: number; readonly set: ByteSet }>();

  constructor() {
    this.#newNode(undefined);
  }

  /** The numbers are those that it has in lists. False if the pattern has too many alternatives. */
  add(op: LinearOp, pattern: Uint8Array, numbers: readonly number[]): boolean {
    const ways = this.#waysOf(op, pattern);
    if (ways === undefined) return false;
    for (const way of ways) {
      let at = 0;
      for (const step of way) at = this.#follow(at, step);
      const node = this.nodes[at] as PatternNode;
      node.ends = [...node.ends, ...numbers];
    }
    return true;
  }

  #waysOf(op: LinearOp, pattern: Uint8Array): readonly (readonly number[])[] | undefined {
    const bytes = [...pattern];
    switch (op) {
      case "==":
        return [bytes];
      case "startswith":
        return [[...bytes, ANY_STAR]];
      case "endswith":
        return [[ANY_STAR, ...bytes]];
      case "contains":
        return [[ANY_STAR, ...bytes, ANY_STAR]];
      case "icontains":
        return this.#caselessWays(bytes);
      case "matches":
        return this.#globWays(parseGlob(pattern));
    }
  }

  #globWays(node: GlobNode): readonly (readonly number[])[] | undefined {
    switch (node.kind) {
      case "literal":
        return [[...node.bytes]];
      case "star":
        return [[NAME_STAR]];
      case "globstar":
        return [[ANY_STAR]];
      case "any":
      case "class": {
        const { set } = globPattern(node) as { readonly set: ByteSet };
        const step = this.#setStep(set);
        return step === undefined ? undefined : [[step]];
      }
      case "alternatives": {
        const ways = node.items.map((item) => this.#globWays(item));
        if (ways.some((one) => one === undefined)) return undefined;
        const all = ways.flatMap((one) => one ?? []);
        return all.length > MOST_WAYS ? undefined : all;
      }
      case "sequence": {
        let ways: readonly (readonly number[])[] = [[]];
        for (const item of node.items) {
          const rests = this.#globWays(item);
          if (rests === undefined || ways.length * rests.length > MOST_WAYS) return undefined;
          ways = ways.flatMap((way) => rests.map((rest) => [...way, ...rest]));
        }
        return ways;
      }
    }
  }

  #caselessWays(bytes: readonly number[]): readonly (readonly number[])[] | undefined {
    const steps: number[] = [];
    for (const byte of bytes) {
      const step = this.#caseless(byte);
      if (step === undefined) return undefined;
      steps.push(step);
    }
    return [[ANY_STAR, ...steps, ANY_STAR]];
  }

  /** Undefined: there are too many sets. */
  #caseless(byte: number): number | undefined {
    const lower = byte | 0x20;
    if (lower < 0x61 || lower > 0x7a) return byte;
    const set = new Uint8Array(256);
    set[lower] = 1;
    set[lower - 0x20] = 1;
    return this.#setStep(set);
  }

  /** Undefined: there are too many sets. */
  #setStep(set: ByteSet): number | undefined {
    const key = set.join("");
    const known = this.#sets.get(key);
    if (known !== undefined) return known.step;
    const step = FIRST_SET + this.#sets.size;
    if (step >= MOST_STEPS) return undefined;
    this.#sets.set(key, { step, set });
    return step;
  }

  #follow(from: number, step: number): number {
    const key = from * MOST_STEPS + step;
    const known = this.#next.get(key);
    if (known !== undefined) return known;
    const node = this.nodes[from] as PatternNode;
    const to = this.#newNode(step === ANY_STAR ? "any" : step === NAME_STAR ? "name" : undefined);
    this.#next.set(key, to);
    if (step < ANY_STAR) node.bytes = [...node.bytes, step, to];
    else if (step < FIRST_SET) node.stars = [...node.stars, to];
    else {
      const set = [...this.#sets.values()][step - FIRST_SET]?.set as ByteSet;
      node.sets = [...node.sets, { set, to }];
    }
    return to;
  }

  #newNode(stays: PatternNode["stays"]): number {
    return this.nodes.push({ bytes: NONE, sets: NONE, stays, stars: NONE, ends: NONE }) - 1;
  }
}
