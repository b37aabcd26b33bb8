/** The events that report lost ones and those left out, between the events of `--json`. */
import { toJson } from "../../base/escape.ts";

export interface LossReport {
  /** Events lost since the last report, per rule. */
  readonly rules: Readonly<Record<string, number>>;
  readonly total: number;
}

/** `{"v":1,"ts":…,"loss":{"total":3,"rules":{"unlink_rule1":3}}}` */
export function formatLoss(report: LossReport, ts: string): string {
  const { total, rules } = report;
  return toJson({ v: 1, ts, loss: { total, rules } });
}

/** `{"v":1,"ts":…,"throttled":{"total":4,"rules":{"all_reads":4}}}` */
export function formatThrottled({ total, rules }: LossReport, ts: string): string {
  return toJson({ v: 1, ts, throttled: { total, rules } });
}
