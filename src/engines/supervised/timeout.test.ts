import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startTimeout } from "./timeout.ts";

const DAY_MS = 86_400_000;

function clock(t: TestContext): { elapse(ms: number): void } {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  return { elapse: (ms) => t.mock.timers.tick(ms) };
}

test("startTimeout() counts further than setTimeout", (t) => {
  const { elapse } = clock(t);
  let expired = 0;
  startTimeout(BigInt(60 * DAY_MS) * 1_000_000n, () => expired++);
  for (let day = 1; day < 60; day++) elapse(DAY_MS);
  assert.equal(expired, 0);
  elapse(DAY_MS);
  elapse(DAY_MS);
  assert.equal(expired, 1);
});

test("startTimeout() is silent once it is cancelled, and without a time", (t) => {
  const { elapse } = clock(t);
  let expired = 0;
  startTimeout(5_000_000n, () => expired++)?.cancel();
  assert.equal(
    startTimeout(undefined, () => expired++),
    undefined,
  );
  elapse(10);
  assert.equal(expired, 0);
});
