import assert from "node:assert/strict";
import { get } from "node:http";
import { test } from "node:test";
import { renderMetrics } from "./render.ts";
import { MetricsServer } from "./server.ts";
import type { MetricsSnapshot } from "./snapshot.ts";

const RULES = 3000;
const COUNTS = 300;

function largeSnapshot(): MetricsSnapshot {
  const counters = { delivered: 1, limited: 2, dropped: 3, unreadable: 4, missed: 5 };
  const rules = Array.from({ length: RULES }, (_, i) => ({
    ...{ rule: `rule ${i}`, matched: i, ...counters },
    ...(i % 2 === 0 ? { priority: 3, tags: ["audit"] } : {}),
  }));
  const buckets = Array.from({ length: 30 }, (_, i) => [String(2 ** i), i] as const);
  const counts = Array.from({ length: COUNTS }, (_, i) => ({
    ...{ rule: `rule ${i % 7}`, key: `"key ${i}"`, calls: i },
    measured: [
      { of: "RETVAL", total: i },
      { of: "DURATION", buckets },
    ],
  }));
  const head = { version: "1", startedAtMs: 0, generation: 1, recursionMisses: 0 };
  return { ...head, rules, counts, readerDropped: 0, outputs: [] };
}

test("renderMetrics() makes pieces of whole lines, each of which is short", () => {
  const pieces = [...renderMetrics(largeSnapshot())];
  for (const piece of pieces) {
    assert.ok(piece === "" || piece.endsWith("\n"));
    const lines = piece.split("\n").length - 1;
    assert.ok(lines <= 258, `${lines} lines at once`);
  }
  const text = pieces.join("");
  const count = (start: string): number =>
    text.split("\n").filter((line) => line.startsWith(start)).length;
  assert.equal(count("syscalltrack_rule_hits_total{"), RULES);
  assert.equal(count("syscalltrack_rule_limited_total{"), RULES);
  assert.equal(count("syscalltrack_rule_counted_calls_total{"), COUNTS);
  assert.equal(count("syscalltrack_rule_counted_sum{"), COUNTS);
  assert.equal(count("syscalltrack_rule_counted_bucket{"), COUNTS * 30);
  // of which no rule has a value
  assert.equal(count("# TYPE syscalltrack_rule_throttled_total"), 0);
  const families = text.match(/^# TYPE \S+/gm) ?? [];
  assert.equal(new Set(families).size, families.length);
});

test("MetricsServer does other work while it writes", async () => {
  const server = await MetricsServer.listen({ host: "127.0.0.1", port: 0 }, largeSnapshot);
  try {
    let turns = 0;
    let isWritten = false;
    const count = (): void => {
      turns++;
      if (!isWritten) setImmediate(count);
    };
    const text = await new Promise<string>((resolve, reject) => {
      get({ host: "127.0.0.1", port: server.port, path: "/metrics" }, (response) => {
        let body = "";
        count();
        response.setEncoding("utf8").on("data", (piece: string) => {
          body += piece;
        });
        response.on("end", () => resolve(body)).on("error", reject);
      }).on("error", reject);
    });
    isWritten = true;
    const pieces = [...renderMetrics(largeSnapshot())];
    const lines = (all: string): number => all.split("\n").length;
    assert.equal(lines(text), lines(pieces.join("")));
    assert.ok(turns > pieces.length / 2, `${turns} turns for ${pieces.length} pieces`);
  } finally {
    await server.close();
  }
});
