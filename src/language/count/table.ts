/** What a COUNT has counted, as both engines give it. */
import type { CountKey, CountMeasure } from "../checked/index.ts";

export type KeyPart =
  | { readonly is: "int"; readonly value: bigint }
  /** `cut`: there is more, and all that begins so is counted here. */
  | { readonly is: "text"; readonly bytes: Uint8Array; readonly cut: boolean }
  /** 4 or 16 bytes, in the order of the network. */
  | { readonly is: "address"; readonly bytes: Uint8Array }
  /** The call has no such thing. */
  | { readonly is: "none" }
  | { readonly is: "unreadable" };

/** Of `sum` one total, of `hist` a number for each bucket (see limits.ts). */
export interface MeasuredTotal {
  /** 64 bits, by the sign of the measure. */
  readonly sum: bigint;
  readonly buckets: readonly bigint[];
  /** Calls without such a number, or whose number could not be read. */
  readonly without: bigint;
}

export interface CountRow {
  readonly key: readonly KeyPart[];
  readonly count: bigint;
  /** In the order of the table's measures. */
  readonly measured: readonly MeasuredTotal[];
}

export interface CountTable {
  readonly rule: string;
  readonly by: readonly CountKey[];
  readonly measures: readonly CountMeasure[];
  /** Most calls first. */
  readonly rows: readonly CountRow[];
  /** Calls for whose keys there was no room; `key` is empty. */
  readonly other?: CountRow;
}

/** Most calls first; of equal ones, in the order of their keys. */
export function sortCountRows(rows: readonly CountRow[]): CountRow[] {
  return rows.toSorted(rowOrder());
}

/** Rows that are sorted, or merged, in one step. */
const SORTED_AT_ONCE = 512;

/** The same in steps, none of which takes long. */
export function* sortingCountRows(rows: readonly CountRow[]): Generator<undefined, CountRow[]> {
  const order = rowOrder();
  let runs: CountRow[][] = [];
  for (let i = 0; i < rows.length; i += SORTED_AT_ONCE) {
    runs.push(rows.slice(i, i + SORTED_AT_ONCE).sort(order));
    yield;
  }
  while (runs.length > 1) {
    const merged: CountRow[][] = [];
    for (let i = 0; i < runs.length; i += 2)
      merged.push(yield* merging(runs[i] ?? [], runs[i + 1] ?? [], order));
    runs = merged;
  }
  return runs[0] ?? [];
}

type RowOrder = (a: CountRow, b: CountRow) => number;

function* merging(
  first: readonly CountRow[],
  second: readonly CountRow[],
  order: RowOrder,
): Generator<undefined, CountRow[]> {
  const merged: CountRow[] = [];
  for (let i = 0, k = 0; ; ) {
    const [a, b] = [first[i], second[k]];
    const isFirst = a !== undefined && (b === undefined || order(a, b) <= 0);
    const next = isFirst ? a : b;
    if (next === undefined) return merged;
    if (isFirst) i++;
    else k++;
    merged.push(next);
    if (merged.length % SORTED_AT_ONCE === 0) yield;
  }
}

function rowOrder(): RowOrder {
  const texts = new Map<CountRow, string>();
  const textOf = (row: CountRow): string => {
    const known = texts.get(row) ?? keyText(row.key);
    texts.set(row, known);
    return known;
  };
  return (a, b) => {
    if (a.count !== b.count) return a.count > b.count ? -1 : 1;
    const [first, second] = [textOf(a), textOf(b)];
    return first < second ? -1 : first > second ? 1 : 0;
  };
}

/** By byte: this room does without Node. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Equal for equal keys. */
export function keyText(key: readonly KeyPart[]): string {
  return key.map(partText).join("\n");
}

function partText(part: KeyPart): string {
  switch (part.is) {
    case "int":
      return `i${part.value}`;
    case "text":
      return `${part.cut ? "t+" : "t"}${hexOf(part.bytes)}`;
    case "address":
      return `a${hexOf(part.bytes)}`;
    default:
      return part.is;
  }
}

function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}
