/** Events lost between two readings of the engine's counters. */
import type { EngineCounters } from "../../engines/engine.ts";
import type { LossReport } from "../../events/index.ts";

/** Totals since the engine was opened. */
export interface Losses {
  readonly rules: ReadonlyMap<string, number>;
  /** Lost behind the kernel, where the rule is not known any more. */
  readonly elsewhere: number;
}

export function lossesOf(counters: EngineCounters): Losses {
  const rules = counters.rules.map(({ rule, dropped }) => [rule, dropped] as const);
  return { rules: new Map(rules), elsewhere: counters.readerDropped };
}

/** Undefined: nothing was lost. */
export function lossesSince(before: Losses, now: Losses): LossReport | undefined {
  const rules = new Map<string, number>();
  let total = now.elsewhere - before.elsewhere;
  for (const [rule, count] of now.rules) {
    const lost = count - (before.rules.get(rule) ?? 0);
    if (lost === 0) continue;
    rules.set(rule, lost);
    total += lost;
  }
  return total === 0 ? undefined : { total, rules: Object.fromEntries(rules) };
}
