/**
 * Many patterns as one tree of steps: bytes, sets of bytes, and stars. Those that begin alike share their beginning, so that ten thousand
 * paths take little more than their ends.
 */
import type { StringOp } from "../../language/checked/index.ts";
import { compileRegex, type GlobNode, parseGlob } from "../../language/index.ts";
import { globPattern } from "./glob-pattern.ts";
import { IntList } from "./int-list.ts";
import type { ByteSet } from "./pattern.ts";
import { type RegexWay, regexWays } from "./regex-ways.ts";

/** What operators can be put into a tree. */
export type LinearOp = Extract<
  StringOp,
  "==" | "startswith" | "endswith" | "contains" | "icontains" | "matches" | "=~"
>;

const LINEAR: ReadonlySet<StringOp> = new Set<LinearOp>([
  "==",
  "startswith",
  "endswith",
  "contains",
  "icontains",
  "matches",
  "=~",
]);

export function isLinear(op: StringOp): op is LinearOp {
  return LINEAR.has(op);
}

/** It says nothing of where in the text it begins and ends. */
export function isFoundAnywhere(op: LinearOp, pattern: Uint8Array): boolean {
  if (op !== "=~") return op === "contains" || op === "icontains";
  const ways = regexWays(compileRegex(pattern).program(), MOST_WAYS);
  return ways === undefined || ways.some(({ isBegun, isEnded }) => !isBegun && !isEnded);
}

/** Bytes are steps of their own value. */
const ANY_STAR = 256;
const NAME_STAR = 257;
const FIRST_SET = 258;
/** That many more than the step of a set, for any number of its bytes. */
const MOST_STEPS = 1024;
/** Of one pattern, all its alternatives multiplied. */
const MOST_WAYS = 64;

/** What a node has; bits. */
export const NodeTrait = {
  /** It stays here for any byte. */
  staysAny: 1,
  /** The same, but not for a slash. */
  staysName: 2,
  /** What can follow without a byte. */
  stars: 4,
  /** Sets of bytes. */
  sets: 8,
} as const;

const NO_ENDS: readonly number[] = [];
const NONE = -1;

export interface SetStep {
  readonly set: ByteSet;
  readonly to: number;
}

/** Nodes are numbers, the first is 0. What is known of them stands in lists by that number: there can be a hundred thousand. */
export class LinearPatterns {
  readonly #traits = new IntList();
  /** Of each node the first and the last of its steps. */
  readonly #first = new IntList();
  readonly #last = new IntList();
  /** Of each step what it takes, where it leads, and the next of its node. */
  readonly #takes = new IntList();
  readonly #to = new IntList();
  readonly #next = new IntList();
  readonly #ends = new Map<number, readonly number[]>();
  readonly #sets = new Map<string, { readonly step: number; readonly set: ByteSet }>();
  readonly #setOfStep: ByteSet[] = [];

  constructor() {
    this.#newNode(0);
  }

  get count(): number {
    return this.#traits.length;
  }

  /** Bits of NodeTrait. */
  traits(node: number): number {
    return this.#traits.at(node);
  }

  has(node: number, trait: number): boolean {
    return (this.#traits.at(node) & trait) !== 0;
  }

  /** Numbers of the patterns that end there. */
  ends(node: number): readonly number[] {
    return this.#ends.get(node) ?? NO_ENDS;
  }

  eachByte(node: number, see: (byte: number, to: number) => void): void {
    this.#each(node, (step, to) => {
      if (step < ANY_STAR) see(step, to);
    });
  }

  sets(node: number): readonly SetStep[] {
    const found: SetStep[] = [];
    if (!this.has(node, NodeTrait.sets)) return found;
    this.#each(node, (step, to) => {
      const set = this.#setOfStep[step - FIRST_SET];
      if (set !== undefined) found.push({ set, to });
    });
    return found;
  }

  /** Nodes that follow without a byte. */
  stars(node: number): readonly number[] {
    const found: number[] = [];
    if (!this.has(node, NodeTrait.stars)) return found;
    this.#each(node, (step, to) => {
      if (step === ANY_STAR || step === NAME_STAR || step >= MOST_STEPS) found.push(to);
    });
    return found;
  }

  #each(node: number, see: (step: number, to: number) => void): void {
    for (let at = this.#first.at(node); at !== NONE; at = this.#next.at(at))
      see(this.#takes.at(at), this.#to.at(at));
  }

  /** The numbers are those that it has in lists. False if the pattern has too many alternatives. */
  add(op: LinearOp, pattern: Uint8Array, numbers: readonly number[]): boolean {
    const ways = this.#waysOf(op, pattern);
    if (ways === undefined) return false;
    for (const way of ways) {
      let at = 0;
      for (const step of way) at = this.#follow(at, step);
      this.#ends.set(at, [...this.ends(at), ...numbers]);
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
      case "=~": {
        const ways = regexWays(compileRegex(pattern).program(), MOST_WAYS);
        const steps = ways?.map((way) => this.#regexWay(way));
        return steps?.every((way) => way !== undefined) ? steps : undefined;
      }
    }
  }

  #regexWay({ isBegun, steps, isEnded }: RegexWay): readonly number[] | undefined {
    const way: number[] = isBegun ? [] : [ANY_STAR];
    for (const { set, isStar } of steps) {
      const size = set.reduce((sum, bit) => sum + bit, 0);
      if (size === 256 && isStar) way.push(ANY_STAR);
      else if (size === 1 && !isStar) way.push(set.indexOf(1));
      else {
        const step = this.#setStep(set);
        if (step === undefined) return undefined;
        way.push(isStar ? MOST_STEPS + step : step);
      }
    }
    return isEnded ? way : [...way, ANY_STAR];
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
    this.#setOfStep.push(set);
    return step;
  }

  #follow(from: number, step: number): number {
    for (let at = this.#first.at(from); at !== NONE; at = this.#next.at(at))
      if (this.#takes.at(at) === step) return this.#to.at(at);
    const to = this.#newNode(
      step === ANY_STAR ? NodeTrait.staysAny : step === NAME_STAR ? NodeTrait.staysName : 0,
    );
    this.#addStep(from, step, to);
    if (step >= MOST_STEPS) this.#addStep(to, step - MOST_STEPS, to);
    return to;
  }

  #addStep(from: number, step: number, to: number): void {
    const added = this.#takes.push(step);
    this.#to.push(to);
    this.#next.push(NONE);
    const last = this.#last.at(from);
    if (last === NONE) this.#first.set(from, added);
    else this.#next.set(last, added);
    this.#last.set(from, added);
    const isSet = step >= FIRST_SET && step < MOST_STEPS;
    const trait = step < ANY_STAR ? 0 : isSet ? NodeTrait.sets : NodeTrait.stars;
    this.#traits.set(from, this.#traits.at(from) | trait);
  }

  #newNode(traits: number): number {
    this.#first.push(NONE);
    this.#last.push(NONE);
    return this.#traits.push(traits);
  }
}
