/** Compiled rules in our interpreter decide what the language means: on any machine, without root. */
import { test } from "node:test";
import { KERNEL_FACTS } from "../src/compiler/testing/kernel-facts.ts";
import { decideInterpreted, plainArena } from "./differential/interpreted.ts";
import { checkAgainstEvaluator } from "./differential/property.ts";

const pairs = Number(process.env["SCT_DIFFERENTIAL_PAIRS"] ?? 10_000);
const seed = Number(process.env["SCT_SEED"] ?? Date.now() % 0x7fffffff);

test("compiled rules decide as evaluate() does, in the interpreter", () => {
  console.log(`# differential seed ${seed} (SCT_SEED repeats it)`);
  const arena = plainArena();
  checkAgainstEvaluator(decideInterpreted(arena), arena, KERNEL_FACTS, { pairs, seed });
});
