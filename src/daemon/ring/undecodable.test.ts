import assert from "node:assert/strict";
import { test } from "node:test";
import { undecodableProblems } from "./undecodable.ts";

const history = (damagedEvents: number, unknownEvents: number) => ({
  damagedEvents,
  unknownEvents,
});

for (const { unknown, history: counters, hasOutputs = true, expected } of [
  { unknown: 0, history: history(0, 0), expected: [] },
  { unknown: 7, history: history(0, 7), expected: [/read: 7 .*no rule set/] },
  { unknown: 7, history: undefined, expected: [/read: 7 .*no rule set is known/] },
  { unknown: 7, history: history(0, 2), expected: [/read: 2 .*no rule/, /no output: 5 .*only/] },
  { unknown: 7, history: history(0, 0), hasOutputs: false, expected: [] },
  { unknown: 0, history: history(0, 2), expected: [/read: 2 .*no rule set/] },
  { unknown: 1, history: history(3, 1), expected: [/: 1 .*no rule set/, /: 3 .*damaged/] },
])
  test(`undecodableProblems() of ${unknown}, ${JSON.stringify(counters)}`, () => {
    const problems = undecodableProblems({ unknown, history: counters, hasOutputs });
    assert.equal(problems.length, expected.length, problems.join());
    for (const [i, pattern] of expected.entries()) assert.match(problems[i] ?? "", pattern);
  });
