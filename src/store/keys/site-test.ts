/** Which rules and calls are asked for: the same for all events of a site. */
import { nameTest } from "../../base/name-pattern.ts";
import type { Site } from "../../events/site.ts";

export interface SiteQuery {
  /** Names of rules, with `*` for any text. */
  readonly rules: readonly string[];
  /** This urgent or more: 0 emerg … 7 debug. Rules without a priority are notices (5), as outputs take them. */
  readonly priority?: number | undefined;
  /** The rule has one of them. */
  readonly tags?: readonly string[] | undefined;
  /** Names of calls: that of the call really made, or the one that the rule uses. */
  readonly calls?: readonly string[] | undefined;
}

const NOTICE = 5;

/** Whether events of a site are asked for, found out once for each. */
export class SiteTest {
  readonly #query: SiteQuery;
  readonly #holdsRule: (rule: string) => boolean;
  readonly #tags: ReadonlySet<string>;
  readonly #calls: ReadonlySet<string>;
  readonly #known = new WeakMap<Site, boolean>();

  constructor(query: SiteQuery) {
    this.#query = query;
    this.#holdsRule = nameTest(query.rules);
    this.#tags = new Set(query.tags);
    this.#calls = new Set(query.calls);
  }

  holdsRule(name: string): boolean {
    return this.#holdsRule(name);
  }

  holds(site: Site): boolean {
    let known = this.#known.get(site);
    if (known === undefined) {
      known = this.#test(site);
      this.#known.set(site, known);
    }
    return known;
  }

  #test({ rule, presentation }: Site): boolean {
    const { priority } = this.#query;
    if (!this.#holdsRule(rule.name)) return false;
    if (priority !== undefined && (rule.priority ?? NOTICE) > priority) return false;
    if (this.#tags.size > 0 && !rule.tags.some((tag) => this.#tags.has(tag))) return false;
    const { call, as } = presentation;
    return this.#calls.size === 0 || this.#calls.has(call) || this.#calls.has(as);
  }
}
