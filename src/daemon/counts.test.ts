import assert from "node:assert/strict";
import { test } from "node:test";
import { countMetrics } from "./counts.ts";

test("countMetrics() has a label of its own for each long key, and cuts no escape", () => {
  const texts = ["a", "b"].flatMap((end) => [
    `${"x".repeat(240)}${end}`,
    `${"\n".repeat(240)}${end}`,
  ]);
  const rows = texts.map((text) => ({
    key: [{ is: "text", bytes: Buffer.from(text), cut: false } as const],
    count: 1n,
    measured: [],
  }));
  const labels = countMetrics([{ rule: "r", by: [], measures: [], rows }]).map(({ key }) => key);
  assert.equal(new Set(labels).size, texts.length);
  for (const label of labels) {
    assert.ok(label.length <= 200, label);
    assert.match(label, /^"(x+|(\\n)+)"\.\.\. #[0-9a-f]{16}$/);
  }
});
