/** What rules have counted, as JSON: one object for each rule. Integers from 2^53 on are strings, as in events. */
import { toJson } from "../base/escape.ts";
import { bucketRange, type CountRow, type CountTable, type KeyPart } from "../language/index.ts";
import { formatAddress } from "./field-macro.ts";
import { writeJsonString } from "./json-string.ts";
import { TextBuffer } from "./text-buffer.ts";

/** A line of its own among events; `ts` as there. */
export function formatCountsJson(table: CountTable, ts: string): string {
  return `{"v":1,"ts":${toJson(ts)},${countsMembers(table)}}`;
}

/** The table alone, without a time. */
export function countsObject(table: CountTable): string {
  return `{${countsMembers(table)}}`;
}

function countsMembers(table: CountTable): string {
  const { rule, by, measures, rows, other } = table;
  const titles = (kind: "sum" | "hist") =>
    measures.filter((one) => one.kind === kind).map(({ title }) => title);
  const members = {
    counts: toJson(rule),
    by: toJson(by.map(({ title }) => title)),
    sum: toJson(titles("sum")),
    hist: toJson(titles("hist")),
    rows: `[${rows.map((row) => rowText(table, row)).join(",")}]`,
    ...(other === undefined ? {} : { other: rowText(table, other) }),
  };
  return Object.entries(members)
    .map(([name, text]) => `"${name}":${text}`)
    .join(",");
}

function rowText({ measures }: CountTable, { key, count, measured }: CountRow): string {
  const of = (kind: "sum" | "hist") => measured.filter((_, i) => measures[i]?.kind === kind);
  const sums = of("sum").map(({ sum }) => whole(sum));
  const hists = of("hist").map(({ buckets }) => `[${bucketTexts(buckets).join(",")}]`);
  const without = measured.map((one) => whole(one.without));
  const isWhole = measured.every((one) => one.without === 0n);
  const keys = key.map(partText);
  const cut = key.flatMap((part, i) => (part.is === "text" && part.cut ? [i] : []));
  return `{"key":[${keys.join(",")}],"count":${whole(count)}${
    sums.length > 0 ? `,"sum":[${sums.join(",")}]` : ""
  }${hists.length > 0 ? `,"hist":[${hists.join(",")}]` : ""}${
    isWhole ? "" : `,"without":[${without.join(",")}]`
  }${cut.length > 0 ? `,"cut":[${cut.join(",")}]` : ""}}`;
}

/** Buckets with a call in them: from, the first number behind, calls. */
function bucketTexts(buckets: readonly bigint[]): string[] {
  return buckets.flatMap((count, i) => {
    const { from, to } = bucketRange(i);
    return count === 0n ? [] : [`[${whole(from)},${whole(to)},${whole(count)}]`];
  });
}

const BEYOND = 2n ** 53n;

/** JSON readers lose digits of larger numbers. */
function whole(value: bigint): string {
  return value < BEYOND && value > -BEYOND ? String(value) : `"${value}"`;
}

/** What a call has not is null; what could not be read is false. */
function partText(part: KeyPart): string {
  switch (part.is) {
    case "int":
      return whole(part.value);
    case "text": {
      const out = new TextBuffer(part.bytes.length * 6 + 2);
      writeJsonString(out, part.bytes, 0, part.bytes.length);
      return new TextDecoder().decode(out.view());
    }
    case "address":
      return toJson(formatAddress(part.bytes));
    case "none":
      return "null";
    case "unreadable":
      return "false";
  }
}
