import assert from "node:assert/strict";
import { test } from "node:test";
import type { CountTable } from "../../language/index.ts";
import { countsInTurns } from "./counts-in-turns.ts";

const table = (rule: string): CountTable => ({ rule, by: [], measures: [], rows: [] });

test("countsInTurns() begins again with the rules that have come into force, and lets go of what it had", async () => {
  const ended: string[] = [];
  const rules = (name: string, steps: number) => ({
    *readingCounts() {
      try {
        for (let i = 0; i < steps; i++) yield;
        return [table(name)];
      } finally {
        ended.push(name);
      }
    },
  });
  const [first, second] = [rules("first", 1000), rules("second", 3)];
  let inForce: typeof first | undefined = first;
  const counts = countsInTurns(() => inForce);
  setImmediate(() => {
    inForce = second;
  });
  assert.deepEqual(await counts, [table("second")]);
  assert.deepEqual(ended, ["first", "second"]);
  inForce = undefined;
  assert.deepEqual(await countsInTurns(() => inForce), []);
});

test("countsInTurns() lets others work between two steps", async () => {
  let turns = 0;
  const others = setInterval(() => turns++);
  let steps = 0;
  const counting = {
    *readingCounts() {
      for (; turns < 3; steps++) {
        const until = performance.now() + 1;
        while (performance.now() < until);
        yield;
      }
      return [];
    },
  };
  await countsInTurns(() => counting);
  clearInterval(others);
  assert.ok(steps > 0);
});
