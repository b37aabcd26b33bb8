/** The state of the service for people. */
import { escapeControls } from "../../base/escape.ts";
import type { RuleStatus, StatusAnswer } from "../../daemon/index.ts";
import { PRIORITIES } from "../../language/index.ts";
import { loadingText } from "../loading-text.ts";
import { plural } from "../plural.ts";

export function statusText(status: StatusAnswer): string {
  const { ring, rules } = status;
  const lines: (readonly [string, string])[] = [
    ["service", `${status.pid}, version ${status.version}, up ${duration(status.uptimeMs)}`],
    ["rules", `${plural(rules.length, "rule")} in force${loaded(status)}`],
    ...loadingLine(status),
    ["kernel", `pinned in ${status.paths.pins}${skipped(status)}`],
    ["time", measuredText(status)],
    ["ring", `${mebibytes(ring.pendingBytes)} of ${mebibytes(ring.sizeBytes)} MiB waiting`],
    ["events", `${status.events} since the service was started`],
    ["history", historyText(status.history)],
    ["memory", memoryText(status.memory)],
    ...status.outputs.map(({ name, delivered, lost, waiting }): readonly [string, string] => [
      "output",
      `${name}: ${delivered} delivered, ${waiting} waiting, ${lost} lost`,
    ]),
    ...status.notices.map((notice): readonly [string, string] => ["notice", notice]),
    ...status.problems.map((problem): readonly [string, string] => ["problem", problem]),
  ];
  const head = lines.map(([name, text]) => `${name.padEnd(9)}${escapeControls(text)}\n`).join("");
  if (rules.length === 0) return head;
  const speaking = rules.filter(saysAnything);
  const about = speaking.length === 0 ? "" : `\n${table(ABOUT, speaking)}`;
  return `${head}\n${table(COLUMNS, rules)}${about}`;
}

function loadingLine({ loading }: StatusAnswer): (readonly [string, string])[] {
  if (loading === null) return [];
  const { rules, elapsedMs, deadlineMs } = loading;
  const time = `${duration(elapsedMs)} of ${duration(deadlineMs)} at most`;
  return [["loading", `${loadingText(rules, loading)}; ${time}`]];
}

function loaded({ generation, loadedAtMs, revertsInMs }: StatusAnswer): string {
  if (loadedAtMs === null) return "";
  const reverts =
    revertsInMs === null ? "" : `; those before come back in ${duration(revertsInMs)}`;
  return `, generation ${generation}, loaded ${new Date(loadedAtMs).toISOString()}, counted since then${reverts}`;
}

function skipped({ recursionMisses }: StatusAnswer): string {
  return recursionMisses === 0 ? "" : `; ${recursionMisses} runs of rules skipped by the kernel`;
}

function measuredText({ measured, rules }: StatusAnswer): string {
  if (measured === null) return "in the kernel not measured, see --measure";
  const { runs, ns } = measured;
  const mean = `${milliseconds(ns)} in ${runs} runs of programs, ${Math.round(ns / runs)} ns each`;
  const isShared = rules.some(({ sharedKernelNs = 0 }) => sharedKernelNs > 0);
  return isShared ? `${mean}; shared: for several rules together` : mean;
}

/** A program that works for several rules is told as what it is: nobody knows whose part of it is how large. */
function timeText({ kernelNs, sharedKernelNs = 0 }: RuleStatus): string {
  if (kernelNs === undefined) return "-";
  const own = kernelNs > 0 || sharedKernelNs === 0 ? [milliseconds(kernelNs)] : [];
  const shared = sharedKernelNs > 0 ? [`${milliseconds(sharedKernelNs)} shared`] : [];
  return [...own, ...shared].join(" + ");
}

function milliseconds(ns: number): string {
  return `${(ns / 1e6).toFixed(1)} ms`;
}

function historyText(history: StatusAnswer["history"]): string {
  const missing =
    history.notStoredEvents === 0 ? "" : `, ${history.notStoredEvents} events not stored`;
  if (history.state === "off") return `off: ${history.reason}${missing}`;
  return `${history.file}, ${mebibytes(history.bytes)} MiB${missing}`;
}

type Columns = readonly (readonly [title: string, value: (rule: RuleStatus) => string | number])[];

function memoryText({ resident, used, limit }: StatusAnswer["memory"]): string {
  const events = `${mebibytes(used)} of ${mebibytes(limit)} MiB`;
  return `${mebibytes(resident)} MiB; events on their way to outputs: ${events}`;
}

const COLUMNS: Columns = [
  ["RULE", ({ name }) => escapeControls(name)],
  ["ACTIONS", ({ actions }) => actions.join(",")],
  ["HITS", ({ hits }) => hits],
  ["LIMITED", ({ limited }) => limited],
  ["LOST", ({ dropped }) => dropped],
  ["THROTTLED", ({ throttled }) => throttled],
  ["UNREADABLE", ({ unreadable }) => unreadable],
  ["MISSED", ({ missed }) => missed],
  ["SKIPPED", ({ skipped }) => skipped],
  ["TIME", timeText],
];

/** What rules say of themselves. */
const ABOUT: Columns = [
  ["RULE", ({ name }) => escapeControls(name)],
  ["PRIORITY", ({ priority }) => (priority === undefined ? "-" : (PRIORITIES[priority] ?? "-"))],
  ["TAGS", ({ tags = [] }) => escapeControls(tags.join(",")) || "-"],
  ["DESCRIPTION", ({ description = "" }) => escapeControls(description)],
];

function saysAnything({ priority, tags, description }: RuleStatus): boolean {
  return priority !== undefined || tags !== undefined || description !== undefined;
}

function table(columns: Columns, rules: readonly RuleStatus[]): string {
  const rows = [
    columns.map(([title]) => title),
    ...rules.map((rule) => columns.map(([, value]) => String(value(rule)))),
  ];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}

/** `3d 4h`, `5m 10s`, `12s` */
function duration(milliseconds: number): string {
  let left = Math.round(milliseconds / 1000);
  const parts: string[] = [];
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0 || (unit === "s" && parts.length === 0)) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(" ");
}
