/**
 * What the file tests of rules mean besides their texts, kept up to date: links on the way to a literal path may be exchanged while rules
 * act. The kernel reports names in directories; where it refuses to, and for what it does not see (mounts), all is looked at again once
 * a second.
 */
import {
  type CheckedRule,
  type FileTest,
  factsOf,
  type OtherTest,
  otherTests,
  type ResolvedName,
} from "../../language/index.ts";
import { DirectoryWatch, SyscallError } from "../../sys/index.ts";
import { NameResolver } from "./name-resolver.ts";
import { atOnce, Repeated, type Steps } from "./steps.ts";

const REFRESH_MS = 1000;
/** Resolved in one step: some system calls for each directory on the way. */
export const PATHS_PER_STEP = 100;
/** Links that are exchanged without pause must not keep us busy for ever. */
const MOST_ROUNDS = 3;
const NONE: readonly OtherTest[] = [];

/** All file tests of rules. */
export function fileTestsOf(rules: readonly CheckedRule[]): readonly FileTest[] {
  const filters = rules.flatMap(({ targets }) => targets.map(({ filter }) => filter));
  return [...new Set(filters.flatMap((filter) => factsOf(filter).fileTests))];
}

export class FileNames {
  readonly #tests: readonly FileTest[];
  readonly #watch: DirectoryWatch | undefined;
  readonly #again: Repeated<boolean>;
  #timer: NodeJS.Timeout | undefined;
  readonly #others = new Map<FileTest, readonly OtherTest[]>();
  #watched: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  /** Knows nothing before `learn`. `onChange` is called, on the event loop, when something means something else after that. */
  constructor(tests: readonly FileTest[], onChange: () => void = () => {}) {
    this.#tests = tests;
    this.#again = new Repeated(
      () => this.#resolve(),
      (outcome) => {
        if (outcome()) onChange();
      },
    );
    if (tests.length > 0) this.#watch = openWatch();
  }

  /** Looks at everything, and from then on at what changes. */
  *learn(): Steps<void> {
    if (this.#tests.length === 0) return;
    yield* this.#resolve();
    this.#watch?.onEvent(() => {
      if (this.hasEvents()) this.#again.ask();
    });
    this.#timer = setInterval(this.#again.ask, REFRESH_MS).unref();
  }

  /** What else a test means, as known now. */
  others(test: FileTest): readonly OtherTest[] {
    return this.#others.get(test) ?? NONE;
  }

  /** Whether a name on the way to a path was exchanged since this was asked last, where the kernel reports it. */
  hasEvents(): boolean {
    return this.#watch?.hasChanged() === true;
  }

  /** Looks at everything again. True if something means something else. */
  refresh(): boolean {
    return atOnce(this.#resolve());
  }

  /** Gives control back between parts of the work; in the end whether something means something else. */
  *#resolve(): Steps<boolean> {
    let hasChanged = false;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const resolver = new NameResolver();
      let left = PATHS_PER_STEP;
      const resolve = (path: string): ResolvedName => {
        left--;
        return resolver.resolve(path);
      };
      for (const test of this.#tests) {
        const others = otherTests(test, resolve);
        if (!isSame(others, this.others(test))) hasChanged = true;
        if (others.length > 0) this.#others.set(test, others);
        else this.#others.delete(test);
        if (left > 0) continue;
        left = PATHS_PER_STEP;
        yield;
      }
      const isWatched = isSameSet(resolver.lookedFor, this.#watched);
      this.#watched = resolver.lookedFor;
      // always: a directory of that name may be another one by now
      this.#watch?.set(resolver.lookedFor);
      // what was exchanged before it was watched is seen in another round
      if (isWatched || this.#watch === undefined) break;
    }
    return hasChanged;
  }

  close(): void {
    this.#again.close();
    clearInterval(this.#timer);
    this.#watch?.close();
  }
}

function isSame(a: readonly OtherTest[], b: readonly OtherTest[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ op, pattern }, i) => op === b[i]?.op && Buffer.compare(pattern, b[i].pattern) === 0)
  );
}

function isSameSet(
  a: ReadonlyMap<string, ReadonlySet<string>>,
  b: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [directory, names] of a) {
    const others = b.get(directory);
    if (others?.size !== names.size) return false;
    for (const name of names) if (!others.has(name)) return false;
  }
  return true;
}

/** Undefined where the user has as many instances as the kernel allows. */
function openWatch(): DirectoryWatch | undefined {
  try {
    return DirectoryWatch.open();
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}
