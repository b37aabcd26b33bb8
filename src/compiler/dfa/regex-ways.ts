/** Regular expressions as a few ways from begin to end, each a line of steps, where they can be written so: without loops but over one set. */
import { Assertion, type RegexProgram } from "../../language/index.ts";
import type { ByteSet } from "./pattern.ts";

/** One byte of the set, or any number of them. */
export interface RegexSteps {
  readonly set: ByteSet;
  readonly isStar: boolean;
}

export interface RegexWay {
  /** The text begins where the way does. */
  readonly isBegun: boolean;
  readonly steps: readonly RegexSteps[];
  /** The text ends where the way does. */
  readonly isEnded: boolean;
}

/** Steps of the program that are looked at, each as often as ways lead through it. */
const MOST_VISITS = 4096;

/** Undefined for what has other loops or assertions, or more than `most` ways. */
export function regexWays(program: RegexProgram, most: number): readonly RegexWay[] | undefined {
  return new Walker(program, most).ways(program.start, true);
}

const MATCH: RegexWay = { isBegun: false, steps: [], isEnded: false };

class Walker {
  readonly #steps: RegexProgram["steps"];
  readonly #most: number;
  readonly #open = new Set<number>();
  #visits = 0;

  constructor({ steps }: RegexProgram, most: number) {
    this.#steps = steps;
    this.#most = most;
  }

  /** All ways from a step on; `isFirst`: no byte was taken before it. */
  ways(index: number, isFirst: boolean): readonly RegexWay[] | undefined {
    if (this.#visits++ > MOST_VISITS || this.#open.has(index)) return undefined;
    this.#open.add(index);
    const ways = this.#waysFrom(index, isFirst);
    this.#open.delete(index);
    return ways !== undefined && ways.length <= this.#most ? ways : undefined;
  }

  #waysFrom(index: number, isFirst: boolean): readonly RegexWay[] | undefined {
    const step = this.#steps[index];
    switch (step?.kind) {
      case "byte":
        return this.#behind({ set: step.set, isStar: false }, [step.to]);
      case "fork": {
        const loops = step.to.flatMap((to) => this.#loop(to, index) ?? []);
        const [loop, another] = loops;
        if (another !== undefined) return undefined;
        if (loop === undefined) return this.#all(step.to, isFirst);
        const others = step.to.filter((to) => this.#loop(to, index) === undefined);
        return this.#behind({ set: loop, isStar: true }, others);
      }
      case "assert": {
        const { assertions } = step;
        const begins = (assertions & Assertion.beginText) !== 0;
        const ends = (assertions & Assertion.endText) !== 0;
        if ((assertions & ~(Assertion.beginText | Assertion.endText)) !== 0) return undefined;
        if (begins && !isFirst) return undefined;
        const ways = this.ways(step.to, isFirst);
        if (ends && ways?.some(({ steps }) => steps.length > 0)) return undefined;
        return ways?.map((way) => ({
          isBegun: way.isBegun || begins,
          steps: way.steps,
          isEnded: way.isEnded || ends,
        }));
      }
      case "match":
        return [MATCH];
      case "fail":
        return [];
      case undefined:
        return undefined;
    }
  }

  /** The set of a step that leads back to the fork it is of. */
  #loop(index: number, fork: number): ByteSet | undefined {
    const step = this.#steps[index];
    return step?.kind === "byte" && step.to === fork ? step.set : undefined;
  }

  #behind(first: RegexSteps, targets: readonly number[]): readonly RegexWay[] | undefined {
    return this.#all(targets, false)?.map((way) => ({ ...way, steps: [first, ...way.steps] }));
  }

  #all(targets: readonly number[], isFirst: boolean): readonly RegexWay[] | undefined {
    const found: RegexWay[] = [];
    for (const to of targets) {
      const ways = this.ways(to, isFirst);
      if (ways === undefined) return undefined;
      found.push(...ways);
    }
    return found;
  }
}
