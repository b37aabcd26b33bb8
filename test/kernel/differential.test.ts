/** Compiled rules in the running kernel decide what the language means. */
import { test } from "node:test";
import { readKernelFacts } from "../../src/engines/kernel/facts.ts";
import { decideInKernel } from "../differential/in-kernel.ts";
import { mapArena } from "../differential/mapped-arena.ts";
import { checkAgainstEvaluator } from "../differential/property.ts";
import { needsKernel } from "./needs.ts";

const pairs = Number(process.env["SCT_DIFFERENTIAL_PAIRS"] ?? 200_000);
const seed = Number(process.env["SCT_SEED"] ?? Date.now() % 0x7fffffff);

test("compiled rules decide as evaluate() does", (t) => {
  if (!needsKernel(t)) return;
  console.log(`# differential seed ${seed} (SCT_SEED repeats it)`);
  checkAgainstEvaluator(decideInKernel, mapArena(), readKernelFacts(), {
    pairs,
    seed,
    callsPerSet: 120,
  });
});
