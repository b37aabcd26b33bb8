/** Rules that count in more forms than a rule set has maps for. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { type CheckedRule, countOf } from "../../language/checked/index.ts";
import { CountLayout, MOST_COUNT_MAPS } from "./counts.ts";

export function refuseCounts(rules: readonly CheckedRule[]): Diagnostic[] {
  const { size } = new CountLayout(rules);
  const last = rules.findLast((rule) => countOf(rule) !== undefined);
  if (size <= MOST_COUNT_MAPS || last === undefined) return [];
  return [
    {
      code: "not_supported_by_engine",
      severity: "error",
      message: `COUNT is used in ${size} different forms: the kernel engine has maps for ${MOST_COUNT_MAPS}`,
      span: countOf(last)?.span ?? last.span,
      hint: "rules share a map where they count by as many values of the same types, and have as many sums and histograms",
    },
  ];
}
