import assert from "node:assert/strict";
import { test } from "node:test";
import { DirectDelivery } from "./direct-delivery.ts";

const BYTES = Uint8Array.of(1, 2, 3);

test("DirectDelivery hands a record over at once, and resolves at the end", async () => {
  const delivery = new DirectDelivery();
  const seen: number[] = [];
  const events = delivery.events({ record: (_, at) => seen.push(at) }, Number.POSITIVE_INFINITY);
  delivery.record(BYTES, 1, 2);
  assert.deepEqual(seen, [1]);
  delivery.record(BYTES, 2, 1);
  delivery.end();
  assert.equal(await events, 2);
});

test("DirectDelivery counts what comes between two calls, once", async () => {
  const delivery = new DirectDelivery();
  const seen: number[] = [];
  const sink = { record: (_: Uint8Array, at: number) => seen.push(at) };
  assert.equal(await delivery.events(sink, 0), 0);
  delivery.record(BYTES, 7, 1);
  assert.equal(await delivery.events(sink, 0), 1);
  assert.equal(await delivery.events(sink, 0), 0);
  assert.deepEqual(seen, [7]);
});

test("DirectDelivery without a reader has nothing to count", async () => {
  const delivery = new DirectDelivery();
  delivery.record(BYTES, 0, 1);
  delivery.end();
  const sink = { record: () => assert.fail("a record of before") };
  assert.equal(await delivery.events(sink, Number.POSITIVE_INFINITY), 0);
});
