/** The event that reports lost events, between the events of `--json`. */

export interface LossReport {
  /** Events lost since the last report, per rule. */
  readonly rules: Readonly<Record<string, number>>;
  readonly total: number;
}

/** `{"v":1,"ts":…,"loss":{"total":3,"rules":{"unlink_rule1":3}}}` */
export function formatLoss(report: LossReport, ts: string): string {
  const { total, rules } = report;
  return JSON.stringify({ v: 1, ts, loss: { total, rules } });
}
