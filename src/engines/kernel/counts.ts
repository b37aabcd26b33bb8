/** Reads what rules have counted in maps (src/compiler/layout/counts.ts). */
import type { BpfMap } from "../../bpf/index.ts";
import {
  CountKeyOffset,
  CountLayout,
  type CountPlace,
  KeyStatus,
  MapName,
} from "../../compiler/index.ts";
import type { Site } from "../../events/site.ts";
import {
  BUCKETS,
  type CheckedRule,
  type CountAction,
  type CountRow,
  type CountTable,
  countOf,
  type KeyPart,
  keyText,
  type MeasuredTotal,
  sortingCountRows,
} from "../../language/index.ts";
import { atOnce, type Steps } from "../names/index.ts";

const WORD = 8;
const STATUS_BITS = 2;

/** Rules that were loaded together. */
export interface CountingSet {
  readonly rules: readonly CheckedRule[];
  readonly sites: readonly Site[];
  readonly firstSite: number;
  readonly maps: ReadonlyMap<string, Pick<BpfMap, "entriesPerCpu" | "lookupPerCpu">>;
}

/** As readingCounts(), all of it now. */
export function readCounts(set: CountingSet): CountTable[] {
  return atOnce(readingCounts(set));
}

/** A table for each rule that counts. Rows that are added meanwhile may be missing. No step takes long, however many rows there are. */
export function* readingCounts(set: CountingSet): Steps<CountTable[]> {
  const { rules, maps } = set;
  if (!rules.some(countOf)) return [];
  const layout = new CountLayout(rules);
  yield;
  const rows = yield* readingRows(set, layout);
  const alone = maps.get(MapName.uncounted);
  const tables: CountTable[] = [];
  for (const [index, rule] of rules.entries()) {
    const action = countOf(rule);
    if (action === undefined) continue;
    const place = layout.of(rule);
    const own = alone?.lookupPerCpu(index) ?? [];
    const row: CountRow = { key: [], ...totalsOf(action, place, own) };
    const head = { rule: rule.name, by: action.by, measures: action.measures };
    if (place.map === undefined) tables.push({ ...head, rows: row.count > 0n ? [row] : [] });
    else {
      const sorted = yield* sortingCountRows([...(rows.get(rule)?.values() ?? [])]);
      tables.push({ ...head, rows: sorted, ...(row.count > 0n ? { other: row } : {}) });
    }
    yield;
  }
  return tables;
}

type RowsOfRules = Map<CheckedRule, Map<string, CountRow>>;

function* readingRows(set: CountingSet, layout: CountLayout): Steps<RowsOfRules> {
  const { rules, sites, firstSite, maps } = set;
  const siteOf = (number: bigint) => sites[Number(number) - firstSite];
  const rows: RowsOfRules = new Map();
  for (const [name, map] of maps) {
    if (!name.startsWith(MapName.tables)) continue;
    for (const entries of map.entriesPerCpu()) {
      for (const { key, values } of entries) {
        const view = new DataView(key.buffer, key.byteOffset);
        const rule = rules[view.getUint32(CountKeyOffset.rule, true)];
        const action = rule && countOf(rule);
        if (rule === undefined || action === undefined) continue;
        const place = layout.of(rule);
        const parts = action.by.map((_, i) => partOf({ view, key, place, action, siteOf }, i));
        const found = rows.get(rule) ?? new Map<string, CountRow>();
        rows.set(rule, found);
        const row = { key: parts, ...totalsOf(action, place, values) };
        addRow(found, rowKey(key, action, parts), row);
      }
      yield;
    }
  }
  return rows;
}

interface FoundKey {
  readonly key: Uint8Array;
  readonly view: DataView;
  readonly place: CountPlace;
  readonly action: CountAction;
  readonly siteOf: (number: bigint) => Site | undefined;
}

function partOf({ key, view, place, action, siteOf }: FoundKey, i: number): KeyPart {
  const statuses = view.getUint32(CountKeyOffset.statuses, true);
  const status = (statuses >>> (STATUS_BITS * i)) & 3;
  if (status === KeyStatus.none) return { is: "none" };
  if (status === KeyStatus.unreadable) return { is: "unreadable" };
  const at = place.parts[i] ?? 0;
  const column = action.by[i];
  switch (column?.is) {
    case "text": {
      const length = Number(view.getBigUint64(at, true));
      const bytes = key.slice(at + WORD, at + WORD + length);
      return { is: "text", bytes, cut: status === KeyStatus.cut };
    }
    case "address": {
      const length = Number(view.getBigUint64(at, true));
      return { is: "address", bytes: key.slice(at + WORD, at + WORD + length) };
    }
    case "name": {
      const bytes = key.slice(at, at + 2 * WORD);
      const end = bytes.indexOf(0);
      return { is: "text", bytes: end < 0 ? bytes : bytes.subarray(0, end), cut: false };
    }
    case "site":
      return ofSite(siteOf(view.getBigUint64(at, true)), column.title);
    default: {
      const value = column?.unsigned ? view.getBigUint64(at, true) : view.getBigInt64(at, true);
      return { is: "int", value };
    }
  }
}

/** SNAME, SYSCALL or ABI. */
function ofSite(site: Site | undefined, title: string): KeyPart {
  if (site === undefined) return { is: "unreadable" };
  const { call, nr, abi } = site.presentation;
  if (title === "SYSCALL") return { is: "int", value: BigInt(nr) };
  return { is: "text", bytes: Buffer.from(title === "ABI" ? abi : call), cut: false };
}

/** Several sites can be of one call; all other keys differ as their bytes do. */
function rowKey(key: Uint8Array, { by }: CountAction, parts: readonly KeyPart[]): string {
  if (by.some(({ is }) => is === "site")) return keyText(parts);
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}

function addRow(rows: Map<string, CountRow>, key: string, row: CountRow): void {
  const known = rows.get(key);
  rows.set(key, known === undefined ? row : sumOf(known, row));
}

function sumOf(a: CountRow, b: CountRow): CountRow {
  const measured = a.measured.map((one, i): MeasuredTotal => {
    const other = b.measured[i];
    if (other === undefined) return one;
    return {
      sum: one.sum + other.sum,
      buckets: one.buckets.map((count, bucket) => count + (other.buckets[bucket] ?? 0n)),
      without: one.without + other.without,
    };
  });
  return { key: a.key, count: a.count + b.count, measured };
}

/** Of all processors together. */
function totalsOf(
  { measures }: CountAction,
  place: CountPlace,
  cpus: readonly DataView[],
): Omit<CountRow, "key"> {
  const sum = (offset: number): bigint =>
    cpus.reduce((total, value) => total + value.getBigUint64(offset, true), 0n);
  const measured = measures.map(({ kind, unsigned }, i): MeasuredTotal => {
    const { offset = 0, without = 0 } = place.measures[i] ?? {};
    const isHistogram = kind === "hist";
    const total = isHistogram ? 0n : sum(offset);
    return {
      sum: unsigned ? BigInt.asUintN(64, total) : BigInt.asIntN(64, total),
      buckets: isHistogram
        ? Array.from({ length: BUCKETS }, (_, bucket) => sum(offset + bucket * WORD))
        : [],
      without: sum(without),
    };
  });
  return { count: sum(0), measured };
}
