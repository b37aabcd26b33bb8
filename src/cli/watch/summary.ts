/** What is reported when a watch ends: only what the lines do not show already. */
import { escapeControls } from "../../base/escape.ts";
import type { EngineCounters, RuleCounters } from "../../engines/engine.ts";

const PARTS: readonly (readonly [key: keyof RuleCounters, text: string])[] = [
  ["dropped", "lost, buffer full"],
  ["missed", "could not be evaluated (no memory) or acted on (process 1)"],
  ["skipped", "runs skipped by the kernel, of programs that work for it"],
  ["limited", "not reported because of the limit"],
  ["unreadable", "decided by on_unreadable"],
];

/**
 * One line for each rule with something to report; none when every matching call has its line. `withoutLines`: the rules
 * whose events are not printed.
 */
export function summarize(
  counters: EngineCounters,
  unexplainedLosses = 0,
  withoutLines: ReadonlySet<string> = new Set(),
): readonly string[] {
  const lines = counters.rules.flatMap((rule) => {
    const parts = PARTS.filter(([key]) => rule[key] !== 0).map(
      ([key, text]) => `${rule[key]} ${text}`,
    );
    if (withoutLines.has(rule.rule) && rule.delivered > 0)
      parts.push(`${rule.delivered} without a line: no LOG action, --json shows them`);
    if (parts.length === 0) return [];
    return [`${escapeControls(rule.rule)}: ${rule.matched} matched; ${parts.join("; ")}`];
  });
  const { forgottenCounts = 0, readerDropped } = counters;
  if (forgottenCounts > 0)
    lines.push(`${forgottenCounts} counts of occurrence or threshold began again: too many values`);
  if (readerDropped > 0) lines.push(`${readerDropped} events lost, output too slow`);
  if (unexplainedLosses > 0) {
    lines.push(`${unexplainedLosses} events missing from the sequence without a known reason`);
  }
  return lines;
}
