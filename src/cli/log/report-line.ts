/** Lines that stand between events: what is missing there. */
import { escapeControls, toJson } from "../../base/escape.ts";
import { formatLoss, formatThrottled } from "../../events/index.ts";
import type { Report } from "../../store/index.ts";
import { plural } from "../plural.ts";

/** One line of text or JSON, with its newline. */
export function reportLine(report: Report, atMs: number, isJson: boolean): string {
  const { kind, total, rules, where } = report;
  const ts = new Date(atMs).toISOString().replace("Z", "000000Z");
  if (!isJson) {
    const names = Object.entries(rules).map(([rule, count]) => `${escapeControls(rule)} ${count}`);
    const list = names.length === 0 ? "" : ` (${names.join(", ")})`;
    return `-- ${ts} ${plural(total, "event")} ${describeReport(report)}${list}\n`;
  }
  if (kind === "throttled") return `${formatThrottled({ total, rules }, ts)}\n`;
  if (where === undefined) return `${formatLoss({ total, rules }, ts)}\n`;
  return `${toJson({ v: 1, ts, loss: { total, rules, where } })}\n`;
}

/** What became of the events that a report counts. */
export function describeReport({ kind, where }: Pick<Report, "kind" | "where">): string {
  if (kind === "throttled") return "left out, there were too many";
  return where === undefined ? "lost" : "could not be stored";
}
