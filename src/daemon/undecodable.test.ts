import assert from "node:assert/strict";
import { test } from "node:test";
import { undecodableProblems } from "./undecodable.ts";

for (const { unknown, history, expected } of [
  { unknown: 0, history: { damagedEvents: 0, unknownEvents: 0 }, expected: [] },
  { unknown: 7, history: { damagedEvents: 0, unknownEvents: 7 }, expected: [/: 7 .*no rule set/] },
  { unknown: 7, history: undefined, expected: [/: 7 .*no rule set is known/] },
  { unknown: 0, history: { damagedEvents: 0, unknownEvents: 2 }, expected: [/: 2 .*another rule/] },
  {
    unknown: 1,
    history: { damagedEvents: 3, unknownEvents: 1 },
    expected: [/: 1 .*no rule set/, /: 3 .*damaged/],
  },
])
  test(`undecodableProblems() of ${unknown}, ${JSON.stringify(history)}`, () => {
    const problems = undecodableProblems(unknown, history);
    assert.equal(problems.length, expected.length);
    for (const [i, pattern] of expected.entries()) assert.match(problems[i] ?? "", pattern);
  });
