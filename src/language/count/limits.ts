/** How much a COUNT holds; both engines have the same bounds, so that they count the same. */
import type { CountAction } from "../checked/rule.ts";

/** Values behind `by`. */
export const MOST_KEYS = 6;
/** Values behind `sum`, and behind `hist`. */
export const MOST_MEASURES = 4;

/** Different keys of one COUNT; calls with further ones are counted together. */
const MOST_ROWS = 8192;
/** The same where each has a histogram: the kernel keeps one for each processor. */
const MOST_HISTOGRAMS = 1024;

export function mostRows({ measures }: CountAction): number {
  return measures.some(({ kind }) => kind === "hist") ? MOST_HISTOGRAMS : MOST_ROWS;
}

/** Bytes of the values of one key: more is not good for a key of a map before Linux 5.17. */
const KEY_ROOM = 496;
const TEXT_ROOM = 256;
/** Bytes of values that are no texts. */
export const FIXED_SIZES = { int: 8, site: 8, name: 16, address: 24 } as const;
/** A text has its length before it. */
const LENGTH_SIZE = 8;

/** Bytes of a text that count: longer ones are cut, and counted with all that begin so. */
export function keyTextBytes({ by }: CountAction): number {
  const texts = by.filter(({ is }) => is === "text").length;
  const rest = by.reduce((room, { is }) => room - (is === "text" ? 0 : FIXED_SIZES[is]), KEY_ROOM);
  return Math.min(TEXT_ROOM, Math.floor(rest / Math.max(texts, 1) / 8) * 8) - LENGTH_SIZE;
}

/** Buckets of a histogram: below 0, 0, then one for each power of two. */
export const BUCKETS = 66;

/** Number of the bucket of a value. */
export function bucketOf(value: bigint, unsigned: boolean): number {
  const bits = unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  if (bits < 0n) return 0;
  return bits === 0n ? 1 : bits.toString(2).length + 1;
}

/** Least number in a bucket, and the first behind it; of the first bucket: all below 0. */
export function bucketRange(bucket: number): { readonly from: bigint; readonly to: bigint } {
  if (bucket === 0) return { from: -(1n << 63n), to: 0n };
  if (bucket === 1) return { from: 0n, to: 1n };
  return { from: 1n << BigInt(bucket - 2), to: 1n << BigInt(bucket - 1) };
}
