import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LossTracker } from "./loss.ts";

test("LossTracker counts gaps exactly, in any order within its window", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 2, max: 50 }), (order, window) => {
      const tracker = new LossTracker(window);
      for (const seq of order) tracker.add(seq);
      const highest = Math.max(...order);
      assert.equal(tracker.finish(), highest - order.length);
      assert.equal(tracker.finish(highest + 7), highest - order.length + 7);
    }),
  );
});

test("LossTracker.lost waits for events that are only late", () => {
  const tracker = new LossTracker(4);
  for (const seq of [1, 3, 4, 5]) tracker.add(seq);
  assert.equal(tracker.lost, 0);
  tracker.add(2);
  for (const seq of [7, 8, 9, 10, 11]) tracker.add(seq);
  assert.equal(tracker.lost, 1);
  tracker.add(6);
  assert.equal(tracker.lost, 0);
});

test("LossTracker keeps up when every other event is lost", () => {
  const tracker = new LossTracker();
  for (let seq = 2; seq <= 2_000_000; seq += 2) tracker.add(seq);
  assert.equal(tracker.finish(), 1_000_000);
});
