/** The state of the service for people. */
import { escapeControls } from "../../base/escape.ts";
import { wrapWords } from "../../base/wrap.ts";
import type { StatusAnswer } from "../../daemon/index.ts";
import { loadingText } from "../loading-text.ts";
import { plural } from "../plural.ts";
import { countBlocks } from "./status-counts.ts";
import { milliseconds, ruleTables } from "./status-tables.ts";

/** Width of the names in front of the lines. */
const NAMES = 9;

/** `width`: columns of the terminal, at which lines are wrapped; undefined: they are as long as they are. */
export function statusText(status: StatusAnswer, width?: number): string {
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
  const head = lines.map(([name, text]) =>
    wrapWords(name.padEnd(NAMES), escapeControls(text), width).concat("\n"),
  );
  return [head.join(""), ...ruleTables(rules, width), ...countBlocks(status.counts)].join("\n");
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

function historyText(history: StatusAnswer["history"]): string {
  const missing =
    history.notStoredEvents === 0 ? "" : `, ${history.notStoredEvents} events not stored`;
  if (history.state === "off") return `off: ${history.reason}${missing}`;
  return `${history.file}, ${mebibytes(history.bytes)} MiB${missing}`;
}

function memoryText({ resident, used, limit }: StatusAnswer["memory"]): string {
  const events = `${mebibytes(used)} of ${mebibytes(limit)} MiB`;
  return `${mebibytes(resident)} MiB; events on their way to outputs: ${events}`;
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
