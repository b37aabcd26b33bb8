import assert from "node:assert/strict";
import { test } from "node:test";
import type { CountTable } from "../language/index.ts";
import { CountSeries } from "./count-series.ts";

const rowsOf = (counts: ReadonlyMap<string, number>): CountTable["rows"] =>
  [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([text, count]) => ({
      key: [{ is: "text", bytes: Buffer.from(text), cut: false } as const],
      count: BigInt(count),
      measured: [],
    }));

const BY = [{ is: "text", title: "COMM" }] as unknown as CountTable["by"];

/** What is read of rules whose counts are those of `now`. */
function seriesOf(now: { rows: CountTable["rows"] }): CountSeries {
  const counts = async (): Promise<CountTable[]> => [
    { rule: "r", by: BY, measures: [], rows: now.rows },
  ];
  return new CountSeries({ current: undefined, counts });
}

test("CountSeries has a label of its own for each long key, and cuts no escape", async () => {
  const texts = ["a", "b"].flatMap((end) => [
    `${"x".repeat(240)}${end}`,
    `${"\n".repeat(240)}${end}`,
  ]);
  const series = seriesOf({ rows: rowsOf(new Map(texts.map((text) => [text, 1]))) });
  const labels = (await series.read()).map(({ key }) => key);
  assert.equal(new Set(labels).size, texts.length);
  for (const label of labels) {
    assert.ok(label.length <= 200, label);
    assert.match(label, /^"(x+|(\\n)+)"\.\.\. #[0-9a-f]{16}$/);
  }
});

test("CountSeries: no number falls when other keys have most calls, and all together are the calls", async () => {
  const counts = new Map(Array.from({ length: 1000 }, (_, i) => [`k${i}`, 1]));
  const now = { rows: rowsOf(counts) };
  const series = seriesOf(now);
  let before = new Map<string, number>();
  let total = 1000;
  for (let round = 0; round < 12; round++) {
    const metrics = new Map((await series.read()).map(({ key, calls }) => [key, calls]));
    for (const [key, calls] of before) assert.ok((metrics.get(key) ?? -1) >= calls, key);
    assert.equal(
      [...metrics.values()].reduce((sum, calls) => sum + calls, 0),
      total,
    );
    assert.ok(metrics.size <= 301, `${metrics.size} numbers`);
    assert.ok(metrics.has("(others)"));
    before = metrics;
    // fifty others become busy each time, and one comes that was not there
    for (let i = 0; i < 50; i++) {
      const key = `k${(round * 61 + i * 7) % 1000}`;
      counts.set(key, (counts.get(key) ?? 0) + 100 * (round + 1));
      total += 100 * (round + 1);
    }
    counts.set(`new${round}`, 1_000_000);
    total += 1_000_000;
    now.rows = rowsOf(counts);
  }
  // what came while there was room has its own number, with all of its calls
  assert.equal(before.get('"new1"'), 1_000_000);
  assert.equal(before.get('"new10"'), undefined);
});

test("CountSeries reads for one after the other", async () => {
  let reading = 0;
  const counts = async (): Promise<CountTable[]> => {
    assert.equal(++reading, 1);
    await new Promise((resolve) => setImmediate(resolve));
    reading--;
    return [];
  };
  const series = new CountSeries({ current: undefined, counts });
  assert.deepEqual(await Promise.all([series.read(), series.read()]), [[], []]);
});
