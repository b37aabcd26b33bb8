/** The report of `sct run --report FILE`: what the run was denied and why, for programs (docs/policies.md). */

import { toJson } from "../../base/escape.ts";
import { sourcePlace } from "../../base/position.ts";
import type { EngineCounters } from "../../engines/engine.ts";
import type { Finished } from "../../engines/supervised/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { DeniedByPolicy } from "./why.ts";

export interface ReportedRun {
  readonly rules: readonly CheckedRule[];
  readonly counters: EngineCounters;
  readonly why: readonly DeniedByPolicy[];
  readonly finished: Finished;
}

/** One JSON object and a line end. */
export function reportText({ rules, counters, why, finished }: ReportedRun): string {
  const { ending } = finished;
  const counts = new Map(counters.rules.map((one) => [one.rule, one]));
  return `${toJson({
    v: 1,
    exit: ending.kind === "exit" ? ending.code : null,
    signal: ending.kind === "exit" ? null : ending.signal,
    policies: why,
    rules: rules.flatMap(({ name, span, actions }) => {
      const { matched = 0, limited = 0, dropped = 0 } = counts.get(name) ?? {};
      if (matched === 0) return [];
      const at = sourcePlace(span);
      return [
        { rule: name, at, actions: actions.map(({ type }) => type), matched, limited, dropped },
      ];
    }),
  })}\n`;
}
