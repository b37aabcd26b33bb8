/** A frame of `sct top` as lines for a screen. */
import type { Frame, Row, RuleRow } from "../../views/index.ts";

/** The frame in a window of that size; every line fits. Keys are named where there are any. */
export function frameLines(
  frame: Frame,
  columns: number,
  rows: number,
  hasKeys = true,
): readonly string[] {
  const sum = frame.rules.reduce((total, { rate }) => total + rate, 0);
  const lost = frame.rules.reduce((total, row) => total + row.lost, 0);
  const head = [
    `sct top  ${frame.ts.slice(11, 19)} UTC  ${shortNumber(sum)} matches/s by ${frame.order}`,
    ...(lost > 0 ? [`${lost} lost`] : []),
    ...(frame.unseen > 0 ? [`${frame.unseen} counted only`] : []),
    ...(hasKeys ? [frame.isPaused ? "PAUSED (space)" : "q quit  s sort  space pause"] : []),
  ].join("  ");
  const sections = [
    section("RULE", frame.rules, (row) => notes(row)),
    section("PROCESS", frame.processes),
    section("PATH", frame.paths),
  ];
  // one line for the head; what a short section leaves, the longer ones get
  const heights = share(
    rows - 1,
    sections.map((lines) => lines.length),
  );
  return [head, ...sections.flatMap((lines, i) => lines.slice(0, heights[i]))].map((line) =>
    line.slice(0, columns),
  );
}

function section<T extends Row>(
  title: string,
  rows: readonly T[],
  note: (row: T) => string = () => "",
): readonly string[] {
  return [
    "",
    `${"RATE/s".padStart(9)} ${"TOTAL".padStart(11)}  ${title}`,
    ...rows.map((row) => {
      const rate = shortNumber(row.rate).padStart(9);
      return `${rate} ${String(row.total).padStart(11)}  ${plain(row.name)}${note(row)}`;
    }),
  ];
}

function notes({ limited, lost }: RuleRow): string {
  const parts = [
    ...(limited > 0 ? [`${limited} limited`] : []),
    ...(lost > 0 ? [`${lost} lost`] : []),
  ];
  return parts.length === 0 ? "" : `  (${parts.join(", ")})`;
}

/** Rows for each section: none gets more than it wants, and what is left over goes round. */
function share(rows: number, wanted: readonly number[]): readonly number[] {
  const given = wanted.map(() => 0);
  for (let left = Math.max(0, rows); left > 0; ) {
    const hungry = wanted.flatMap((want, i) => ((given[i] ?? 0) < want ? [i] : []));
    if (hungry.length === 0) break;
    for (const i of hungry.slice(0, left)) given[i] = (given[i] ?? 0) + 1;
    left -= Math.min(left, hungry.length);
  }
  return given;
}

function shortNumber(value: number): string {
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

/** Names are strangers' text: what is not printable ASCII is shown by its number, so that widths stay known. */
function plain(text: string): string {
  return text.replace(
    /[^ -~]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
