import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallView, parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { FrequencyCounter, randomFrom } from "./frequency.ts";

/** Of calls at a time in seconds by a process, whether they are due. */
function counterOf(entry: string) {
  const text = `rule { syscall_name = fsync ${entry} action { type = LOG } }`;
  const [rule] = parseRules([{ name: "t", text }], vocabulary).ruleSet?.rules ?? [];
  assert.ok(rule?.frequency);
  const counter = new FrequencyCounter(rule.frequency, randomFrom(1));
  return (atS = 0, pid = 1): boolean => {
    const view = { intVariable: () => BigInt(pid) } as unknown as CallView;
    return counter.isDue(view, BigInt(Math.round(atS * 1000)) * 1_000_000n);
  };
}

/** Numbers of the calls that are due, of so many. */
function due(entry: string, calls: number): number[] {
  const ask = counterOf(entry);
  return Array.from({ length: calls }, (_, i) => i + 1).filter(() => ask());
}

test("an occurrence is one call, all from one on, a range, or every n-th", () => {
  assert.deepEqual(due("occurrence = 3", 9), [3]);
  assert.deepEqual(due("occurrence = 7+", 9), [7, 8, 9]);
  assert.deepEqual(due("occurrence = 3..5", 9), [3, 4, 5]);
  assert.deepEqual(due("occurrence = 3+2", 9), [3, 5, 7, 9]);
});

test("occurrences are counted for each key", () => {
  const ask = counterOf("occurrence = 2 per pid");
  const asked = [1, 2, 1, 2, 1].map((pid) => ask(0, pid));
  assert.deepEqual(asked, [false, false, true, true, false]);
});

test("a threshold is met from its call on, until the time is over", () => {
  const ask = counterOf("threshold = 3/10s per pid");
  const asked = [0, 1, 2, 3, 9.999].map((at) => ask(at));
  assert.deepEqual(asked, [false, false, true, true, true]);
  assert.equal(ask(5, 2), false);
  assert.deepEqual(
    [10, 11, 12].map((at) => ask(at)),
    [false, false, true],
  );
  assert.deepEqual(due("threshold = 1/s", 3), [1, 2, 3]);
});

test("a chance is taken as often as it says, the same ones for the same seed", () => {
  const taken = due("chance = 10%", 10_000);
  assert.ok(taken.length > 900 && taken.length < 1100, `${taken.length}`);
  assert.deepEqual(due("chance = 10%", 10_000), taken);
  assert.deepEqual(due("chance = 100%", 3), [1, 2, 3]);
  assert.notDeepEqual([1, 2].map(randomFrom(2)), [1, 2].map(randomFrom(3)));
});

test("of several entries each must agree", () => {
  assert.deepEqual(due("occurrence = 2+2 threshold = 2/s", 8), [4, 6, 8]);
});
