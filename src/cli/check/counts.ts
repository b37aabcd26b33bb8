/** What `sct check --explain` says of a rule that takes only some of the calls. */
import { KEPT_COUNTS } from "../../compiler/index.ts";
import type { CheckedRule } from "../../language/index.ts";

/** A line for each of its entries; none where it takes all calls. */
export function explainCounts({ frequency }: CheckedRule): readonly string[] {
  if (frequency === undefined) return [];
  const { occurrence, threshold, chance } = frequency;
  const lines = Object.entries({ occurrence, threshold }).flatMap(([name, entry]) =>
    entry === undefined ? [] : [`${name}: ${countOf(entry.per)}; from 0 when rules are changed`],
  );
  if (chance === undefined) return lines;
  return [...lines, "chance: the kernel's random numbers, or those of `sct watch --seed N`"];
}

function countOf(per: string | undefined): string {
  if (per === undefined) return "one count for all processes";
  const kept = KEPT_COUNTS.toLocaleString("en");
  return `one count per ${per.toLowerCase()}, ${kept} of all rules together are kept`;
}
