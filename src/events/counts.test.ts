import assert from "node:assert/strict";
import { test } from "node:test";
import type { CountTable, KeyPart } from "../language/index.ts";
import { formatCounts } from "./counts.ts";
import { formatCountsJson } from "./counts-json.ts";

const PATH = `/home/${"deep/".repeat(20)}file.txt`;
const span = { file: { name: "t", text: "" }, start: 0, end: 0 };
const text = (value: string): KeyPart => ({
  is: "text",
  bytes: new TextEncoder().encode(value),
  cut: false,
});

function table(keys: readonly KeyPart[], sum: bigint): CountTable {
  const buckets = Array.from({ length: 20 }, (_, i) => (i > 4 ? BigInt(i) : 0n));
  const measured = [
    { sum, buckets: [], without: 0n },
    { sum: 0n, buckets, without: 3n },
  ];
  const value = { kind: "int", value: 0n, span } as const;
  return {
    rule: "rule",
    by: keys.map((_, i) => ({ title: `KEY${i}`, value, is: "int" }) as never),
    measures: [
      { kind: "sum", title: "RETVAL", value },
      { kind: "hist", title: "DURATION", value },
    ] as never,
    rows: [{ key: keys, count: 5n, measured }] as never,
  };
}

for (const width of [60, 80, 100])
  test(`formatCounts() fits ${width} columns: keys lose their middle, bars become shorter`, () => {
    const long = table([text(PATH), text("sh"), text(PATH)], 7n);
    const lines = formatCounts(long, width);
    assert.deepEqual(
      lines.filter((line) => line.length > width),
      [],
    );
    assert.match(lines.join("\n"), /"\/home\/.*….*file\.txt"/);
    assert.ok(lines.some((line) => line.includes(`  "sh"`)));
    assert.ok(formatCounts(long).some((line) => line.length > width));
  });

test("formatCounts() cuts nothing that fits", () => {
  const short = table([text("sh")], 7n);
  assert.deepEqual(formatCounts(short, 80), formatCounts(short));
});

test("formatCountsJson() turns integers from 2^53 on into strings, as events do", () => {
  const row = (part: bigint, sum: bigint): { key: unknown[]; sum: unknown[] } =>
    JSON.parse(formatCountsJson(table([{ is: "int", value: part }], sum), "")).rows[0];
  const largest = 2n ** 53n - 1n;
  assert.deepEqual(row(largest, -largest).key, [Number(largest)]);
  assert.deepEqual(row(largest, -largest).sum, [-Number(largest)]);
  assert.deepEqual(row(2n ** 64n - 1n, 0n).key, ["18446744073709551615"]);
  assert.deepEqual(row(0n, -(2n ** 53n)).sum, ["-9007199254740992"]);
});
