/** A batch as its row is written. */
import type { Batch } from "./batch.ts";
import { compress } from "./compress.ts";
import type { BatchRow } from "./tables.ts";

export function batchRow(batch: Batch, ring: number, bootOffsetNs: bigint): BatchRow {
  const offsetUs = Number(bootOffsetNs) / 1000;
  const nowUs = Date.now() * 1000;
  const isTimed = batch.firstTime <= batch.lastTime;
  return {
    ring,
    bootOffsetNs,
    count: batch.count,
    firstUs: isTimed ? Math.floor(batch.firstTime / 1000 + offsetUs) : nowUs,
    lastUs: isTimed ? Math.ceil(batch.lastTime / 1000 + offsetUs) : nowUs,
    firstSite: Number.isFinite(batch.firstSite) ? batch.firstSite : 0,
    keys: batch.filter,
    records: compress(batch.bytes),
  };
}
