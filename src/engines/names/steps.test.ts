import assert from "node:assert/strict";
import { test } from "node:test";
import { atOnce, inTurns, Repeated, type Steps } from "./steps.ts";

/** Says which turn of the event loop each of three steps had. */
function* three(turns: number[], now: () => number): Steps<string> {
  for (let i = 0; i < 2; i++) {
    turns.push(now());
    yield;
  }
  turns.push(now());
  return "done";
}

/** Counts turns of the event loop until `end` is called. */
function countTurns(): { now(): number; end(): void } {
  let turn = 0;
  let isEnded = false;
  const next = (): void => {
    turn++;
    if (!isEnded) setImmediate(next);
  };
  setImmediate(next);
  return {
    now: () => turn,
    end: () => {
      isEnded = true;
    },
  };
}

test("atOnce() takes all steps in one turn, inTurns() each in one of its own", async () => {
  const { now, end } = countTurns();
  try {
    const turns: number[] = [];
    assert.equal(atOnce(three(turns, now)), "done");
    assert.equal(new Set(turns).size, 1);
    turns.length = 0;
    assert.equal(await inTurns(three(turns, now)), "done");
    assert.equal(new Set(turns).size, 3);
  } finally {
    end();
  }
});

test("Repeated does what is asked for meanwhile once more, and reports what steps throw", async () => {
  const outcomes: (() => number)[] = [];
  const done = Promise.withResolvers<void>();
  let begun = 0;
  const repeated = new Repeated(
    function* (): Steps<number> {
      const mine = ++begun;
      yield;
      if (mine === 1) throw new Error("the first fails");
      return mine;
    },
    (outcome) => {
      outcomes.push(outcome);
      if (outcomes.length === 2) done.resolve();
    },
  );
  repeated.ask();
  repeated.ask();
  repeated.ask();
  await done.promise;
  assert.throws(() => outcomes[0]?.(), /the first fails/);
  assert.equal(outcomes[1]?.(), 2);
  repeated.ask();
  repeated.close();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([begun, outcomes.length], [3, 2]);
});
