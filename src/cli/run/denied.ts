/** What rules have prevented, as `sct run` says it at its end. */
import { escapeControls } from "../../base/escape.ts";
import { sourcePlace } from "../../base/position.ts";
import type { EngineCounters } from "../../engines/engine.ts";
import type { Site } from "../../events/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import { errnoName } from "../../sys/index.ts";
import { plural } from "../plural.ts";

/**
 * One line for each rule that has prevented a call: `RULE: 3 calls denied with EACCES: 2 unlinkat, 1 rmdir`. Calls are
 * named where the rule stands for several.
 */
export function deniedLines(
  rules: readonly CheckedRule[],
  sites: readonly Site[],
  counters: EngineCounters,
): readonly string[] {
  const matched = new Map(counters.rules.map(({ rule, matched: count }) => [rule, count]));
  return rules.flatMap((rule) => {
    const count = matched.get(rule.name) ?? 0;
    const done = rule.actions.flatMap((action) => prevention(action));
    if (count === 0 || done.length === 0) return [];
    const text = `${escapeControls(rule.name)}: ${plural(count, "call")} ${done.join(", ")}`;
    const calls = callsOf(rule, sites, counters);
    return [`${text}${calls === "" ? "" : `: ${calls}`}${listOf(rule)}`];
  });
}

/** Of a policy: where what it needs can be added. */
function listOf({ policy }: CheckedRule): string {
  if (policy === undefined) return "";
  return `; ${policy.right} is at ${escapeControls(sourcePlace(policy.list))}`;
}

/** `2 unlinkat, 1 rmdir`, the most frequent first; empty where the rule stands for one call, or nothing is known. */
function callsOf(
  rule: CheckedRule,
  sites: readonly Site[],
  { bySite = [] }: EngineCounters,
): string {
  const counts = new Map<string, number>();
  for (const [number, site] of sites.entries()) {
    if (site.rule !== rule) continue;
    const { call } = site.presentation;
    counts.set(call, (counts.get(call) ?? 0) + (bySite[number] ?? 0));
  }
  if (counts.size < 2) return "";
  return [...counts]
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([call, count]) => `${count} ${call}`)
    .join(", ");
}

function prevention(action: CheckedRule["actions"][number]): string[] {
  switch (action.type) {
    case "FAIL":
      return [`denied with ${errnoName(action.errno)}`];
    case "KILL":
      return ["denied, the process killed"];
    case "SUSPEND":
      return ["suspended"];
    case "REWRITE":
      return ["rewritten"];
    case "LOG":
    case "COUNT":
      return [];
  }
}
