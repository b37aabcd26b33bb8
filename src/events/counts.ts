/** What rules have counted, as lines for people. */
import { escapeControls } from "../base/escape.ts";
import {
  bucketRange,
  type CountRow,
  type CountTable,
  type KeyPart,
  type MeasuredTotal,
} from "../language/index.ts";
import { quoted } from "./escape.ts";
import { formatAddress } from "./field-macro.ts";

/** Rows of one table that are printed; of more there is only their number. */
const MOST_LINES = 100;
const BAR_WIDTH = 40;
/** Longer cells stand out of their column. */
const WIDEST_COLUMN = 60;
const INDENT = "  ";
/** A column is never cut to less, and a bar never made shorter, on however narrow a screen. */
const NARROWEST_COLUMN = 8;
const NARROWEST_BAR = 10;

/** The table of one rule, and below it the histograms of its rows. Keys are cut to fit into `width` columns, if there are any. */
export function formatCounts(table: CountTable, width?: number): string[] {
  const { rows, other } = table;
  const total = [...rows, ...(other ? [other] : [])].reduce((sum, { count }) => sum + count, 0n);
  const head = `${escapeControls(table.rule)}: ${total} ${total === 1n ? "call" : "calls"} counted`;
  const shown = rows.slice(0, MOST_LINES);
  const lines = shown.map((row) => cellsOf(table, row, row.key.map(formatPart)));
  if (other !== undefined) lines.push(cellsOf(table, other, otherCells(table)));
  const left = rows.slice(MOST_LINES);
  const more = left.reduce((sum, { count }) => sum + count, 0n);
  const heading = [
    ...table.by.map(({ title }) => title),
    "calls",
    ...table.measures.flatMap(({ kind, title }) => (kind === "sum" ? [`sum ${title}`] : [])),
  ].map(escapeControls);
  const isPlain = table.by.length === 0 && heading.length === 1;
  return [
    head,
    ...(isPlain || lines.length === 0 ? [] : aligned([heading, ...lines], table.by.length, width)),
    ...(left.length > 0
      ? [`${INDENT}and ${left.length} more keys with ${more} calls: --json shows them all`]
      : []),
    ...shown.flatMap((row) => histogramsOf(table, row, row.key.map(formatPart), width)),
    ...(other === undefined ? [] : histogramsOf(table, other, otherCells(table), width)),
  ];
}

function cellsOf(table: CountTable, row: CountRow, key: readonly string[]): string[] {
  const sums = table.measures.flatMap(({ kind }, i) =>
    kind === "sum" ? [withMissing(String(row.measured[i]?.sum ?? 0n), row.measured[i])] : [],
  );
  return [...key, String(row.count), ...sums];
}

/** Calls that are not in a total are said beside it. */
function withMissing(text: string, total: MeasuredTotal | undefined): string {
  const without = total?.without ?? 0n;
  return without === 0n ? text : `${text} (without ${without} calls)`;
}

function otherCells({ by }: CountTable): string[] {
  return by.map((_, i) => (i === 0 ? "(no room for more keys)" : ""));
}

export function formatPart(part: KeyPart): string {
  switch (part.is) {
    case "int":
      return String(part.value);
    case "text":
      return `${quoted(part.bytes)}${part.cut ? "..." : ""}`;
    case "address":
      return formatAddress(part.bytes);
    case "none":
      return "(none)";
    case "unreadable":
      return "(unreadable)";
  }
}

/** Keys to the left, numbers to the right. */
function aligned(lines: readonly (readonly string[])[], keys: number, width?: number): string[] {
  const widest = (i: number) => Math.max(...lines.map((line) => line[i]?.length ?? 0));
  const wanted = lines[0]?.map((_, i) => Math.min(widest(i), WIDEST_COLUMN)) ?? [];
  const widths = width === undefined ? wanted : narrowed(wanted, keys, width);
  const isCut = widths !== wanted;
  return lines.map((line) => {
    const cells = line.map((cell, i) => {
      const columns = widths[i] ?? 0;
      if (i >= keys) return cell.padStart(columns);
      return (isCut ? cutTo(cell, columns) : cell).padEnd(columns);
    });
    return `${INDENT}${cells.join(INDENT)}`.trimEnd();
  });
}

/** The widest key gives way, until all fits or nothing can. */
function narrowed(wanted: readonly number[], keys: number, width: number): readonly number[] {
  const widths = [...wanted];
  const room = width - widths.length * INDENT.length;
  let over = widths.reduce((sum, columns) => sum + columns, 0) - room;
  for (; over > 0; over--) {
    const most = Math.max(...widths.slice(0, keys));
    if (most <= NARROWEST_COLUMN) break;
    widths[widths.lastIndexOf(most, keys - 1)] = most - 1;
  }
  return widths;
}

/** Without its middle: files differ at their ends, and programs by their folders. */
function cutTo(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const end = Math.floor((columns - 1) / 2);
  return `${text.slice(0, columns - 1 - end)}…${text.slice(text.length - end)}`;
}

function histogramsOf(
  table: CountTable,
  row: CountRow,
  key: readonly string[],
  width?: number,
): string[] {
  return table.measures.flatMap(({ kind, title }, i) => {
    const total = row.measured[i];
    if (kind !== "hist" || total === undefined) return [];
    const of = key.length === 0 ? "" : ` of ${key.join(", ")}`;
    const missing = withMissing("", total);
    const name = `${INDENT}${escapeControls(title)}${of}`;
    const room = width && Math.max(NARROWEST_COLUMN, width - missing.length);
    const head = `${room === undefined ? name : cutTo(name, room)}${missing}`;
    return [head, ...bars(total.buckets, width)];
  });
}

/** From the first bucket with a call in it to the last. */
function bars(buckets: readonly bigint[], width?: number): string[] {
  const first = buckets.findIndex((count) => count > 0n);
  const last = buckets.findLastIndex((count) => count > 0n);
  if (first < 0) return [];
  const used = buckets.slice(first, last + 1);
  const [most = 1n] = used.toSorted((a, b) => (a < b ? 1 : -1));
  const cells = used.map((count, i) => [rangeText(first + i), String(count)] as const);
  const widest = (column: 0 | 1) => Math.max(...cells.map((line) => line[column].length));
  // four times INDENT, and the ends of the bar
  const left = (width ?? Number.POSITIVE_INFINITY) - widest(0) - widest(1) - 4 * INDENT.length - 2;
  const length = Math.max(NARROWEST_BAR, Math.min(BAR_WIDTH, left));
  const lines = cells.map(([range, text], i) => {
    const bar = "@".repeat(Number(((used[i] ?? 0n) * BigInt(length) + most - 1n) / most));
    return [range, text, `|${bar.padEnd(length)}|`];
  });
  return aligned(lines, 1).map((line) => `${INDENT}${line}`);
}

function rangeText(bucket: number): string {
  if (bucket === 0) return "below 0";
  const { from, to } = bucketRange(bucket);
  return to - from === 1n ? String(from) : `${powerText(from)} to ${powerText(to)}`;
}

const UNITS = ["", "K", "M", "G", "T", "P", "E"];

/** A power of two: `64`, `1K`, `512M`. */
function powerText(value: bigint): string {
  const bits = value.toString(2).length - 1;
  const unit = Math.min(Math.floor(bits / 10), UNITS.length - 1);
  return `${value >> BigInt(unit * 10)}${UNITS[unit]}`;
}
