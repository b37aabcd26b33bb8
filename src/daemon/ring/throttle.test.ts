import assert from "node:assert/strict";
import { test } from "node:test";
import { shareAt, thin } from "./throttle.ts";

/** Records of 24 bytes (header, site, flags, seq), as they lie in the ring. */
function batchOf(sites: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(sites.length * 24);
  const view = new DataView(bytes.buffer);
  sites.forEach((site, i) => {
    view.setInt32(i * 24, 16, true);
    view.setUint32(i * 24 + 8, site, true);
    view.setBigUint64(i * 24 + 16, BigInt(i), true);
  });
  return bytes;
}

function seqsOf(batch: Uint8Array, used: number): readonly number[] {
  const view = new DataView(batch.buffer);
  return Array.from({ length: used / 24 }, (_, i) => Number(view.getBigUint64(i * 24 + 16, true)));
}

const ruleOf = (site: number): string => ["loud", "quiet", "loud"][site] ?? "";

test("thin() takes from the loudest rule only, and counts what it takes", () => {
  const batch = batchOf([0, 0, 1, 0, 2, 0, 0, 0, 1, 0]);
  const { used, throttled, sites } = thin(batch, batch.length, 0.5, ruleOf);
  const bySite = new Map<string, number>();
  for (const [site, count] of sites)
    bySite.set(ruleOf(site), (bySite.get(ruleOf(site)) ?? 0) + count);
  assert.deepEqual(bySite, new Map(throttled));
  assert.deepEqual([...throttled], [["loud", 5]]);
  assert.deepEqual(seqsOf(batch, used), [0, 1, 2, 3, 8]);
});

test("thin() leaves everything when all of it fits", () => {
  const batch = batchOf([0, 1, 0]);
  const { used, throttled } = thin(batch, batch.length, 1, ruleOf);
  assert.deepEqual([used, throttled.size], [batch.length, 0]);
});

test("thin() counts what no known rule made", () => {
  const batch = batchOf([0, 7, 1, 7]);
  const { records, unknown } = thin(batch, batch.length, 1, ruleOf);
  assert.deepEqual([records, unknown], [4, 2]);
});

test("thin() keeps at least one event of each rule", () => {
  const batch = batchOf([...new Array(1000).fill(0), 1]);
  const { used } = thin(batch, batch.length, 0.0001, ruleOf);
  assert.deepEqual(seqsOf(batch, used), [0, 1000]);
});

test("thin() drops what programs discarded without counting it", () => {
  const batch = batchOf([0, 1, 0]);
  new DataView(batch.buffer).setInt32(24, 16 | 0x40000000, true);
  const { used, throttled } = thin(batch, batch.length, 1, ruleOf);
  assert.deepEqual([seqsOf(batch, used), throttled.size], [[0, 2], 0]);
});

test("shareAt() keeps everything while the ring is less than half full", () => {
  assert.deepEqual([0, 0.49, 0.5, 0.8].map(shareAt), [1, 1, 0.5, 0.125]);
});
