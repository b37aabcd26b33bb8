/** Compiled rules in our interpreter decide what the language means: on any machine, without root. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KERNEL_FACTS } from "../src/compiler/testing/kernel-facts.ts";
import type { Reached } from "./differential/branches.ts";
import { GuidedCheck } from "./differential/guided.ts";
import { decideInterpreted, plainArena } from "./differential/interpreted.ts";
import { checkAgainstEvaluator } from "./differential/property.ts";

const pairs = Number(process.env["SCT_DIFFERENTIAL_PAIRS"] ?? 10_000);
const seed = Number(process.env["SCT_SEED"] ?? Date.now() % 0x7fffffff);
const arena = plainArena();

test("compiled rules decide as evaluate() does, in the interpreter", () => {
  console.log(`# differential seed ${seed} (SCT_SEED repeats it)`);
  const half = { pairs: pairs / 2, seed };
  checkAgainstEvaluator(decideInterpreted(arena), arena, KERNEL_FACTS, half);
});

test("and so they do where branches of the compiled code lead the choice of rules and calls", () => {
  const { kinds, count, possible } = reach(pairs / 2, seed, true);
  console.log(
    `# guided: ${kinds.size} kinds of branches, ${count} branches of ${possible} in all programs`,
  );
});

test("guidance reaches more branches with as many pairs", () => {
  const [guided, random] = [true, false].map((isGuided) => reach(2000, 1, isGuided)) as [
    Reached,
    Reached,
  ];
  assert.ok(guided.count > random.count * 1.2, `${guided.count} with, ${random.count} without`);
  assert.ok(guided.kinds.size > random.kinds.size * 1.1);
});

function reach(wanted: number, from: number, isGuided: boolean): Reached {
  const check = new GuidedCheck(arena, KERNEL_FACTS, { pairs: wanted, seed: from, isGuided });
  check.run();
  return check.reached;
}
