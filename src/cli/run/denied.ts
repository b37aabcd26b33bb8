/** What rules have prevented, as `sct run` says it at its end. */
import { escapeControls } from "../../base/escape.ts";
import type { EngineCounters } from "../../engines/engine.ts";
import type { CheckedRule } from "../../language/index.ts";
import { errnoName } from "../../sys/index.ts";
import { plural } from "../plural.ts";

/** One line for each rule that has prevented a call: `RULE: 3 calls denied with EACCES`. */
export function deniedLines(
  rules: readonly CheckedRule[],
  counters: EngineCounters,
): readonly string[] {
  const matched = new Map(counters.rules.map(({ rule, matched: count }) => [rule, count]));
  return rules.flatMap((rule) => {
    const count = matched.get(rule.name) ?? 0;
    const done = rule.actions.flatMap((action) => prevention(action));
    if (count === 0 || done.length === 0) return [];
    return [`${escapeControls(rule.name)}: ${plural(count, "call")} ${done.join(", ")}`];
  });
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
      return [];
  }
}
