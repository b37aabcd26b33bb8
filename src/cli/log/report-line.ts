/** Lines that stand between events: what is missing there. */
import { escapeControls } from "../../base/escape.ts";
import { timestampText } from "../../base/timestamp.ts";
import type { Report } from "../../store/index.ts";
import { reportJson } from "../../views/index.ts";
import { plural } from "../plural.ts";

/** One line of text or JSON, with its newline. */
export function reportLine(report: Report, atMs: number, isJson: boolean): string {
  if (isJson) return `${reportJson(report, atMs)}\n`;
  const { total, rules } = report;
  const ts = timestampText(atMs);
  const names = Object.entries(rules).map(([rule, count]) => `${escapeControls(rule)} ${count}`);
  const list = names.length === 0 ? "" : ` (${names.join(", ")})`;
  return `-- ${ts} ${plural(total, "event")} ${describeReport(report)}${list}\n`;
}

/** What became of the events that a report counts. */
export function describeReport({ kind, where }: Pick<Report, "kind" | "where">): string {
  if (kind === "throttled") return "left out, there were too many";
  return where === undefined ? "lost" : "could not be stored";
}
