/** The compiler against the language: random rules and calls, decided by bytecode in the kernel and by the evaluator. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readKernelFacts } from "../../src/engines/kernel/facts.ts";
import { type Presentation, parseRules } from "../../src/language/index.ts";
import { vocabulary } from "../../src/syscalls/index.ts";
import { Arena } from "../differential/arena.ts";
import { CALLS, rule } from "../differential/generate.ts";
import { randomCall } from "../differential/random-call.ts";
import { Differential } from "../differential/run.ts";
import { needsKernel } from "./needs.ts";

const PAIRS = Number(process.env["SCT_DIFFERENTIAL_PAIRS"] ?? 100_000);
const CALLS_PER_SET = 40;
const seed = Number(process.env["SCT_SEED"] ?? Date.now() % 0x7fffffff);

function prototype(call: string): Presentation {
  const first = vocabulary.presentations(call, "variants")?.[0];
  assert.ok(first, call);
  return first;
}

const ruleSet = fc.constantFrom(...CALLS).chain((call) =>
  fc.record({
    rules: fc.array(rule(prototype, call), { minLength: 1, maxLength: 4 }),
    calls: fc.array(randomCall, { minLength: CALLS_PER_SET, maxLength: CALLS_PER_SET }),
  }),
);

test("compiled rules decide as evaluate() does", (t) => {
  if (!needsKernel(t)) return;
  console.log(`# differential seed ${seed} (SCT_SEED repeats it)`);
  const facts = readKernelFacts();
  const arena = new Arena();
  let pairs = 0;
  const seen = { nothing: 0, matched: 0, unreadable: 0 };
  const property = fc.property(ruleSet, ({ rules, calls }) => {
    const text = rules.map((make, i) => make(`r${i}`)).join("\n");
    const { ruleSet: checked, diagnostics } = parseRules(
      [{ name: "random.conf", text }],
      vocabulary,
    );
    const errors = diagnostics.filter((d) => d.severity === "error");
    assert.ok(checked, `${text}\n${errors.map((d) => d.message).join("\n")}`);
    const both = new Differential(checked.rules, facts, arena);
    try {
      for (const call of calls) {
        const { kernel, evaluator, presentation, args } = both.compare(call);
        pairs += checked.rules.length;
        if (evaluator === 0) seen.nothing++;
        else if ((evaluator & 0xaaaaaaaa) !== 0) seen.unreadable++;
        else seen.matched++;
        assert.equal(
          kernel.toString(2),
          evaluator.toString(2),
          `${text}\n${presentation.abi} ${presentation.call}(${args.join(", ")})`,
        );
      }
    } finally {
      both.close();
    }
  });
  for (let round = 0; pairs < PAIRS; round++) {
    const run = fc.check(property, {
      seed: seed + round,
      numRuns: Math.min(200, Math.ceil(PAIRS / CALLS_PER_SET)),
    });
    // the counterexample itself is pages long; its message says what differs, after shrinking
    if (run.failed)
      assert.fail(`seed ${seed + round}, shrunk ${run.numShrinks} times: ${run.errorInstance}`);
  }
  console.log(`# ${pairs} (rule, call) pairs, ${JSON.stringify(seen)} calls`);
  // a generator that hits only one outcome would prove nothing
  for (const [outcome, calls] of Object.entries(seen))
    assert.ok(calls > pairs / 200, `only ${calls} calls: ${outcome}`);
});
