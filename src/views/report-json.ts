/** Reports of what has no event, as JSON lines between events. */
import { toJson } from "../base/escape.ts";
import { timestampText } from "../base/timestamp.ts";
import { formatLoss, formatThrottled } from "../events/index.ts";
import type { Report } from "../store/index.ts";

/** One object without a newline, of a report at this time of the wall clock. */
export function reportJson({ kind, total, rules, where }: Report, atMs: number): string {
  const ts = timestampText(atMs);
  if (kind === "throttled") return formatThrottled({ total, rules }, ts);
  if (where === undefined) return formatLoss({ total, rules }, ts);
  return toJson({ v: 1, ts, loss: { total, rules, where } });
}
