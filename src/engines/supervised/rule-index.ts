/**
 * The rules that concern one call, found by its number: a rule set may hold thousands of presentations, and a
 * stopped process waits while we look. The rules in it are cut down to the targets and presentations of that call.
 */
import type { Abi, CheckedRule, Presentation } from "../../language/index.ts";
import { byAbi } from "../../linux/index.ts";

export interface CallRules {
  readonly name: string;
  readonly abi: Abi;
  readonly nr: number;
  readonly before: readonly CheckedRule[];
  readonly after: readonly CheckedRule[];
}

interface Entry {
  readonly name: string;
  readonly abi: Abi;
  readonly nr: number;
  readonly before: CheckedRule[];
  readonly after: CheckedRule[];
}

export class RuleIndex {
  readonly #byAbi: Readonly<Record<Abi, Map<number, Entry>>> = byAbi(() => new Map());
  readonly #places = new Map<CheckedRule, number>();

  constructor(rules: readonly CheckedRule[]) {
    for (const [place, rule] of rules.entries()) {
      for (const entry of this.#entriesOf(rule)) {
        const cut = cutDown(rule, entry);
        this.#places.set(cut, place);
        entry[rule.when].push(cut);
      }
    }
  }

  find(abi: Abi, nr: number): CallRules | undefined {
    return this.#byAbi[abi].get(nr);
  }

  all(abi: Abi): Iterable<CallRules> {
    return this.#byAbi[abi].values();
  }

  /** Index in the whole set of a rule that came out of this index. */
  placeOf(rule: CheckedRule): number {
    return this.#places.get(rule) ?? -1;
  }

  #entriesOf(rule: CheckedRule): Set<Entry> {
    const entries = new Set<Entry>();
    for (const { presentations } of rule.targets)
      for (const presentation of presentations) entries.add(this.#entryOf(presentation));
    return entries;
  }

  #entryOf({ abi, nr, call }: Presentation): Entry {
    const known = this.#byAbi[abi].get(nr);
    if (known !== undefined) return known;
    const entry: Entry = { name: call, abi, nr, before: [], after: [] };
    this.#byAbi[abi].set(nr, entry);
    return entry;
  }
}

/** Whether a rule does more than report. */
export function doesMoreThanLog({ actions }: Pick<CheckedRule, "actions">): boolean {
  return actions.some(({ type }) => type !== "LOG" && type !== "COUNT");
}

/** Whether a rule gives calls other parameters than the program has. */
export function rewritesCalls({ when, actions }: CheckedRule): boolean {
  return when === "before" && actions.some(({ type }) => type === "REWRITE");
}

function cutDown(rule: CheckedRule, { abi, nr }: Entry): CheckedRule {
  const targets = rule.targets.flatMap((target) => {
    const presentations = target.presentations.filter((one) => one.abi === abi && one.nr === nr);
    return presentations.length === 0 ? [] : [{ ...target, presentations }];
  });
  return { ...rule, targets };
}
