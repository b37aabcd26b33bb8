/** What a command was seen to use: the calls that an empty policy would deny, by list and name. */
import type { PolicyRight } from "../language/checked/index.ts";

/** A name in a list. Names of files have a character for each byte: they need not be UTF-8. */
export interface SeenUse {
  readonly right: PolicyRight;
  readonly name: string;
  /** The name itself is made, removed or moved: an entry for its folder allows that, or a pattern. */
  readonly isNamed: boolean;
  /** The folder was made by the command: what is in it is its own. */
  readonly isMade: boolean;
  /** The first call that was seen; tests are made of it. */
  readonly call: string;
  readonly count: number;
  /** Names of the threads that made the calls. */
  readonly programs: ReadonlySet<string>;
  /** Why no entry would allow it. */
  readonly refusal?: string | undefined;
}

interface Counted {
  right: PolicyRight;
  name: string;
  isNamed: boolean;
  isMade: boolean;
  call: string;
  count: number;
  programs: Set<string>;
  refusal: string | undefined;
}

export interface OneUse {
  readonly right: PolicyRight;
  readonly name: string;
  readonly call: string;
  readonly program: string;
  readonly isNamed?: boolean;
  /** Why no entry would allow it. */
  readonly refusal?: string;
}

/** Most names that are kept: what more a command uses is counted. */
const MOST_NAMES = 500_000;
const MAKING = /^mkdir/;

/** Collects uses, each name of a list once. */
export class UseTable {
  readonly #uses = new Map<string, Counted>();
  #left = 0;

  add({ right, name, call, program, isNamed = false, refusal }: OneUse): void {
    const key = `${right} ${name}`;
    let use = this.#uses.get(key);
    if (use === undefined) {
      if (this.#uses.size >= MOST_NAMES) {
        this.#left++;
        return;
      }
      use = { right, name, isNamed, isMade: false, call, count: 0, programs: new Set(), refusal };
      this.#uses.set(key, use);
    }
    use.count++;
    use.isNamed ||= isNamed;
    use.isMade ||= isNamed && MAKING.test(call);
    use.programs.add(program);
  }

  /** Calls on names beyond the most that are kept. */
  get left(): number {
    return this.#left;
  }

  all(): readonly SeenUse[] {
    return [...this.#uses.values()];
  }
}
