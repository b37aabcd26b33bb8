/** Rules of one kind differ in constants alone: they want the same of a call, so that one of them stands for all. */
import { interner } from "../../base/interned.ts";
import { onceForEach } from "../../base/once-for-each.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { describeParts, partsOf } from "./alike.ts";
import type { Candidate, PlannedRule } from "./block.ts";

/** Of a few rules each may be asked. */
const FEW = 16;

/** One rule of each kind, in their order. */
export const oneOfEach = onceForEach((rules: readonly PlannedRule[]): readonly PlannedRule[] => {
  if (rules.length <= FEW) return rules;
  const found = new Map<string, PlannedRule>();
  for (const planned of rules) {
    const key = planned.candidates.map((one) => kindOf(planned.rule, one)).join("\n");
    if (!found.has(key)) found.set(key, planned);
  }
  return [...found.values()];
});

/** Equal for rules of one kind. */
export function kindOf(rule: CheckedRule, { target, presentation }: Candidate): string {
  const filter = target.filter === undefined ? "" : partsOf(target.filter).shape;
  const counted = target.counted === undefined ? "" : describeParts(target.counted);
  return `${numberOf(presentation)} ${ruleKind(rule)} ${filter} ${counted}`;
}

const intern = interner();

const ruleKind = onceForEach(
  ({ actions, limit, frequency, when, onUnreadable, continue: continues }: CheckedRule): string =>
    intern(describeParts([actions, limit, frequency, when, onUnreadable, continues])),
);

let presentations = 0;
/** Vocabularies give the same presentations each time. */
const numberOf = onceForEach((_: Presentation): number => presentations++);
