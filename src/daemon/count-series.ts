/** What rules have counted, as metrics: no number that is called a counter falls. */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { formatPart } from "../events/index.ts";
import {
  bucketRange,
  type CountRow,
  type CountTable,
  type KeyPart,
  keyText,
} from "../language/index.ts";
import type { CountMetric } from "../sinks/index.ts";
import type { ServiceEngine } from "./engine.ts";

/** Of one rule: those with most calls get a number of their own at each look, if they have none yet. */
const MOST_AT_ONCE = 100;
/** Numbers of one rule that are its keys' own, and stay so while the rule is in force. */
const MOST_SERIES = 300;
/** Characters of a label; a longer one is cut, and has a hash of its whole key behind it. */
const LONGEST_LABEL = 200;
const HASH_DIGITS = 16;
const OTHERS = "(others)";

export class CountSeries {
  readonly #engine: Pick<ServiceEngine, "current" | "counts">;
  #rules = new Map<string, SeriesOfRule>();
  /** The rule set that they are of. */
  #of: ServiceEngine["current"];
  /** One after the other: of two that read at once, the older numbers could come last. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(engine: Pick<ServiceEngine, "current" | "counts">) {
    this.#engine = engine;
  }

  /** A turn of the event loop for each rule, besides those in which counts are read. */
  read(): Promise<CountMetric[]> {
    const next = this.#last.then(() => this.#read());
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #read(): Promise<CountMetric[]> {
    const tables = await this.#engine.counts();
    if (this.#of !== this.#engine.current) this.#rules = new Map();
    this.#of = this.#engine.current;
    const all: CountMetric[] = [];
    for (const table of tables) {
      const series = this.#rules.get(table.rule) ?? new SeriesOfRule();
      this.#rules.set(table.rule, series);
      all.push(...series.metricsOf(table));
      await nextTurn();
    }
    return all;
  }
}

/**
 * A key that gets its own number may have been among the others at the last look. Calls that they were shown with stay with them: the
 * number of the key has what is left. So neither falls, and all numbers together are the calls of the rule.
 */
class SeriesOfRule {
  /** Keys with a number of their own, and the calls of each that stay with the others. */
  readonly #own = new Map<string, bigint>();
  #others = 0n;

  metricsOf({ rule, by, measures, rows, other }: CountTable): CountMetric[] {
    const shown: (readonly [CountRow, string])[] = [];
    const candidates: (readonly [CountRow, string])[] = [];
    let others = other?.count ?? 0n;
    for (const [i, row] of rows.entries()) {
      // most rows are of keys that nobody shows: their texts are not made
      const isCandidate = i < MOST_AT_ONCE;
      if (!isCandidate && this.#own.size === 0) {
        others += row.count;
        continue;
      }
      const key = keyText(row.key);
      const kept = this.#own.get(key);
      others += kept ?? row.count;
      if (kept !== undefined) shown.push([row, key]);
      else if (isCandidate) candidates.push([row, key]);
    }
    for (const [row, key] of candidates.slice(0, MOST_SERIES - this.#own.size)) {
      const free = others - this.#others;
      const kept = row.count > free ? row.count - free : 0n;
      others -= row.count - kept;
      this.#own.set(key, kept);
      shown.push([row, key]);
    }
    this.#others = others;
    const metrics = shown.map(([row, key]) =>
      metricOf(rule, measures, row, row.count - (this.#own.get(key) ?? 0n)),
    );
    if (others === 0n || by.length === 0) return metrics;
    return [...metrics, { rule, key: OTHERS, calls: Number(others), measured: [] }];
  }
}

function metricOf(
  rule: string,
  measures: CountTable["measures"],
  row: CountRow,
  calls: bigint,
): CountMetric {
  const measured = measures.map(({ kind, title }, i) => {
    const { sum = 0n, buckets = [] } = row.measured[i] ?? {};
    return kind === "sum"
      ? { of: title, total: Number(sum) }
      : { of: title, buckets: upTo(buckets) };
  });
  return { rule, key: labelOf(row.key), calls: Number(calls), measured };
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
