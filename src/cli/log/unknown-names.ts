/** Names of rules and tags that nothing has: neither events of the history, nor rules in force. */
import { readFileSync } from "node:fs";
import { nameTest } from "../../base/name-pattern.ts";
import { compose } from "../../daemon/rules/rule-set.ts";
import { nearest } from "../../language/suggest.ts";
import type { HistoryReader, Query } from "../../store/index.ts";

/** What rules say of themselves. */
interface Named {
  readonly name: string;
  readonly tags: readonly string[];
}

/** Where names come from, the likely ones first; undefined: rules of which nothing can be known. */
type Source = () => Iterable<readonly Named[] | undefined>;

/**
 * A word for each. None where rules cannot be read: they might be called so. Rules are read until all names are found,
 * since a history may have hundreds of rule sets.
 */
export function unknownNames(
  { rules, tags = [] }: Pick<Query, "rules" | "tags">,
  ...sources: readonly Source[]
): readonly string[] {
  const wanted = [new Wanted("rule", rules), new Wanted("tag", tags)] as const;
  if (wanted.every(({ isFound }) => isFound)) return [];
  for (const source of sources)
    for (const set of source()) {
      if (set === undefined) return [];
      for (const rule of set) {
        wanted[0].see(rule.name);
        for (const tag of rule.tags) wanted[1].see(tag);
      }
      if (wanted.every(({ isFound }) => isFound)) return [];
    }
  return wanted.flatMap((one) => one.words);
}

/** Rules that have been in force since the history began. */
export function* rulesOf({ generations }: HistoryReader) {
  for (const known of generations.all()) yield known?.sites.map(({ rule }) => rule);
}

/** Rules in force, of which the history may know nothing yet. */
export function* rulesInForce(file: string) {
  const source = readSource(file);
  yield source === undefined ? undefined : compose(source).composition?.rules;
}

/** Empty: there is none. Undefined: it cannot be read. */
function readSource(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code === "ENOENT" ? "" : undefined;
  }
}

class Wanted {
  readonly #kind: string;
  readonly #left: Map<string, (name: string) => boolean>;
  readonly #seen = new Set<string>();

  constructor(kind: "rule" | "tag", names: readonly string[]) {
    this.#kind = kind;
    // a tag has no pattern
    this.#left = new Map(
      names.map((name) => [
        name,
        kind === "rule" ? nameTest([name]) : (one: string) => one === name,
      ]),
    );
  }

  get isFound(): boolean {
    return this.#left.size === 0;
  }

  see(name: string): void {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    for (const [pattern, test] of this.#left) if (test(name)) this.#left.delete(pattern);
  }

  get words(): readonly string[] {
    return [...this.#left.keys()].map((name) => {
      const meant = nearest(name, this.#seen);
      const hint = meant === undefined ? "" : `, did you mean '${meant}'?`;
      return this.#kind === "rule"
        ? `no rule is called '${name}', now or in the history${hint}`
        : `no rule has the tag '${name}', now or in the history${hint}`;
    });
  }
}
