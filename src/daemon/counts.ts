/** What rules have counted, for the status: the keys with most calls, so that it does not grow with what programs do. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeText, formatPart } from "../events/index.ts";
import { bucketRange, type CountRow, type CountTable, type KeyPart } from "../language/index.ts";
import type { CountRowStatus, CountStatus, WholeNumber } from "./socket/count-status.ts";

/** Keys of one rule in the status. */
const MOST_SHOWN = 20;

/** A turn of the event loop for each rule. */
export async function countStatus(tables: readonly CountTable[]): Promise<CountStatus[]> {
  const all: CountStatus[] = [];
  for (const table of tables) {
    all.push(ofTable(table));
    await nextTurn();
  }
  return all;
}

function ofTable({ rule, by, measures, rows, other }: CountTable): CountStatus {
  const titles = (kind: "sum" | "hist") =>
    measures.filter((one) => one.kind === kind).map(({ title }) => title);
  const left = rows.slice(MOST_SHOWN);
  return {
    rule,
    by: by.map(({ title }) => title),
    sum: titles("sum"),
    hist: titles("hist"),
    rows: rows.slice(0, MOST_SHOWN).map((row) => rowStatus(measures, row)),
    more: { keys: left.length, count: whole(left.reduce((sum, { count }) => sum + count, 0n)) },
    other: whole(other?.count ?? 0n),
  };
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
    case "address":
      return formatPart(part);
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
