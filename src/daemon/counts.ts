/** What rules have counted, for status and metrics: the keys with most calls, so that neither grows with what programs do. */
import { createHash } from "node:crypto";
import { decodeText, formatPart } from "../events/index.ts";
import {
  bucketRange,
  type CountRow,
  type CountTable,
  type KeyPart,
  keyText,
} from "../language/index.ts";
import type { CountMetric } from "../sinks/index.ts";
import type { CountRowStatus, CountStatus, WholeNumber } from "./socket/count-status.ts";

/** Keys of one rule in the status. */
const MOST_SHOWN = 20;
/** Keys of one rule that have metrics of their own; all others have one together. */
const MOST_METRICS = 100;
/** Characters of a label; a longer one is cut, and has a hash of its whole key behind it. */
const LONGEST_LABEL = 200;
const HASH_DIGITS = 16;

export function countStatus(tables: readonly CountTable[]): CountStatus[] {
  return tables.map(({ rule, by, measures, rows, other }) => {
    const titles = (kind: "sum" | "hist") =>
      measures.filter((one) => one.kind === kind).map(({ title }) => title);
    const left = rows.slice(MOST_SHOWN);
    return {
      rule,
      by: by.map(({ title }) => title),
      sum: titles("sum"),
      hist: titles("hist"),
      rows: rows.slice(0, MOST_SHOWN).map((row) => rowStatus(measures, row)),
      more: { keys: left.length, count: whole(totalOf(left)) },
      other: whole(other?.count ?? 0n),
    };
  });
}

function rowStatus(measures: CountTable["measures"], row: CountRow): CountRowStatus {
  const of = (kind: "sum" | "hist") => row.measured.filter((_, i) => measures[i]?.kind === kind);
  const sums = of("sum").map(({ sum }) => whole(sum));
  const hists = of("hist").map(({ buckets }) =>
    buckets.flatMap((count, i) => {
      const { from, to } = bucketRange(i);
      return count === 0n ? [] : [[whole(from), whole(to), whole(count)] as const];
    }),
  );
  return {
    key: row.key.map(partStatus),
    count: whole(row.count),
    ...(sums.length > 0 ? { sum: sums } : {}),
    ...(hists.length > 0 ? { hist: hists } : {}),
  };
}

function partStatus(part: KeyPart): WholeNumber | null | false {
  switch (part.is) {
    case "int":
      return whole(part.value);
    case "text":
      return decodeText(part.bytes, 0, part.bytes.length);
    case "none":
      return null;
    case "unreadable":
      return false;
  }
}

function whole(value: bigint): WholeNumber {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function totalOf(rows: readonly CountRow[]): bigint {
  return rows.reduce((total, { count }) => total + count, 0n);
}

export function countMetrics(tables: readonly CountTable[]): CountMetric[] {
  return tables.flatMap(({ rule, measures, rows, other }) => {
    const shown = rows.slice(0, MOST_METRICS).map((row): CountMetric => {
      const key = labelOf(row.key);
      const measured = measures.map(({ kind, title }, i) => {
        const { sum = 0n, buckets = [] } = row.measured[i] ?? {};
        return kind === "sum"
          ? { of: title, total: Number(sum) }
          : { of: title, buckets: upTo(buckets) };
      });
      return { rule, key, calls: Number(row.count), measured };
    });
    const rest = totalOf(rows.slice(MOST_METRICS)) + (other?.count ?? 0n);
    if (rest === 0n) return shown;
    return [...shown, { rule, key: "(others)", calls: Number(rest), measured: [] }];
  });
}

/** Different for different keys. Texts are cut before they are escaped: no escape is cut. */
function labelOf(key: readonly KeyPart[]): string {
  const whole = key.map(formatPart).join(", ");
  if (whole.length <= LONGEST_LABEL) return whole;
  const hash = ` #${createHash("sha256").update(keyText(key)).digest("hex").slice(0, HASH_DIGITS)}`;
  for (let most = LONGEST_LABEL; ; most = Math.floor(most / 2)) {
    const label = key.map((part) => formatPart(shortened(part, most))).join(", ") + hash;
    if (label.length <= LONGEST_LABEL || most === 0) return label;
  }
}

function shortened(part: KeyPart, most: number): KeyPart {
  if (part.is !== "text" || part.bytes.length <= most) return part;
  return { ...part, bytes: part.bytes.subarray(0, most), cut: true };
}

/** Calls up to the largest number of each bucket, as Prometheus has them; the last bucket is for all. */
function upTo(buckets: readonly bigint[]): (readonly [string, number])[] {
  const last = buckets.findLastIndex((count) => count > 0n);
  let total = 0;
  const found = buckets.slice(0, last + 1).map((count, i) => {
    total += Number(count);
    return [String(bucketRange(i).to - 1n), total] as const;
  });
  return [...found, ["+Inf", total]];
}
