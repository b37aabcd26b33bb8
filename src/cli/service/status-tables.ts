/** The tables of `sct status`: what became of the calls of each rule, and what rules say of themselves. */
import { escapeControls } from "../../base/escape.ts";
import { columnsOf, wrapWords } from "../../base/wrap.ts";
import type { RuleStatus } from "../../daemon/index.ts";
import { PRIORITIES } from "../../language/index.ts";

interface Column {
  readonly title: string;
  readonly value: (rule: RuleStatus) => string | number;
  /** Where room is short, a column that is 0 for every rule is named below the table. */
  readonly mayGo?: true;
}

const NAME: Column = { title: "RULE", value: ({ name }) => escapeControls(name) };

const COUNTS: readonly Column[] = [
  NAME,
  { title: "ACTIONS", value: ({ actions }) => actions.join(",") },
  { title: "HITS", value: ({ hits }) => hits },
  { title: "LIMITED", value: ({ limited }) => limited, mayGo: true },
  { title: "LOST", value: ({ dropped }) => dropped, mayGo: true },
  { title: "THROTTLED", value: ({ throttled }) => throttled, mayGo: true },
  { title: "UNREADABLE", value: ({ unreadable }) => unreadable, mayGo: true },
  { title: "MISSED", value: ({ missed }) => missed, mayGo: true },
  { title: "SKIPPED", value: ({ skipped }) => skipped, mayGo: true },
  { title: "TIME", value: timeText },
];

const ABOUT: readonly Column[] = [
  NAME,
  {
    title: "PRIORITY",
    value: ({ priority }) => (priority === undefined ? "-" : (PRIORITIES[priority] ?? "-")),
  },
  { title: "TAGS", value: ({ tags = [] }) => escapeControls(tags.join(",")) || "-" },
  { title: "DESCRIPTION", value: ({ description = "" }) => escapeControls(description) },
];

/** None without rules. `width`: columns of the terminal; undefined: lines are as long as they are. */
export function ruleTables(rules: readonly RuleStatus[], width?: number): readonly string[] {
  if (rules.length === 0) return [];
  const speaking = rules.filter(saysAnything);
  const about = speaking.length === 0 ? [] : [table(ABOUT, speaking, width)];
  return [countsTable(rules, width), ...about];
}

function countsTable(rules: readonly RuleStatus[], width?: number): string {
  const whole = table(COUNTS, rules);
  if (width === undefined || columnsOf(whole.split("\n", 1)[0] ?? "") <= width) return whole;
  const zero = COUNTS.filter(
    ({ mayGo, value }) => mayGo && rules.every((rule) => value(rule) === 0),
  );
  if (zero.length === 0) return whole;
  const shown = table(
    COUNTS.filter((column) => !zero.includes(column)),
    rules,
  );
  const names = zero.map(({ title }) => title).join(", ");
  return `${shown}${wrapWords("0 for every rule: ", names, width)}\n`;
}

/** A program that works for several rules is reported as what it is: nobody knows whose part of it is how large. */
function timeText({ kernelNs, sharedKernelNs = 0 }: RuleStatus): string {
  if (kernelNs === undefined) return "-";
  const own = kernelNs > 0 || sharedKernelNs === 0 ? [milliseconds(kernelNs)] : [];
  const shared = sharedKernelNs > 0 ? [`${milliseconds(sharedKernelNs)} shared`] : [];
  return [...own, ...shared].join(" + ");
}

export function milliseconds(ns: number): string {
  return `${(ns / 1e6).toFixed(1)} ms`;
}

function saysAnything({ priority, tags, description }: RuleStatus): boolean {
  return priority !== undefined || tags !== undefined || description !== undefined;
}

/** The last cell of a row is wrapped under its own beginning. */
function table(columns: readonly Column[], rules: readonly RuleStatus[], width?: number): string {
  const rows = [
    columns.map(({ title }) => title),
    ...rules.map((rule) => columns.map(({ value }) => String(value(rule)))),
  ];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => columnsOf(row[i] ?? ""))));
  return rows
    .map((row) => {
      const cells = row.map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - columnsOf(cell)));
      const head = cells.slice(0, -1).map((cell) => `${cell}  `);
      return wrapWords(head.join(""), row.at(-1) ?? "", width)
        .trimEnd()
        .concat("\n");
    })
    .join("");
}
