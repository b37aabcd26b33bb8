import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BUCKETS, bucketOf, bucketRange } from "./limits.ts";

test("bucketOf() gives the bucket whose range the value is in", () => {
  const values = fc.oneof(
    fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
    fc.integer({ min: 0, max: 62 }).map((bit) => (1n << BigInt(bit)) - 1n),
    fc.integer({ min: 0, max: 62 }).map((bit) => 1n << BigInt(bit)),
  );
  fc.assert(
    fc.property(values, (value) => {
      const { from, to } = bucketRange(bucketOf(value, false));
      assert.ok(value >= from && value < to, `${from} to ${to}`);
    }),
  );
});

test("bucketOf() reads 64 bits without sign where it is asked to", () => {
  assert.equal(bucketOf(-1n, true), BUCKETS - 1);
  assert.equal(bucketOf(-1n, false), 0);
  assert.deepEqual(bucketRange(BUCKETS - 1), { from: 1n << 63n, to: 1n << 64n });
});
