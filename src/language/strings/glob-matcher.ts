/** Matches globs without backtracking. */
import type { GlobNode } from "./glob.ts";

const SLASH = 47;

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
    return this.#after(text).includes(0);
  }

  /** Whether some text that begins with this one matches. */
  canContinue(text: Uint8Array): boolean {
    return this.#after(text).length > 0;
  }

  #after(text: Uint8Array): readonly number[] {
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
      if (following.length === 0) return following;
      current = following;
    }
    return current;
  }
}
