/** The compiler against the language: random rules and calls, decided by bytecode and by the evaluator. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { KernelFacts } from "../../src/compiler/index.ts";
import { type CheckedRule, type Presentation, parseRules } from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";
import type { Arena } from "./arena.ts";
import { families } from "./families.ts";
import { broadRule, CALLS, OBJECTS, type RandomRule, rule, ruleSetText } from "./generate.ts";
import { randomCall } from "./random-call.ts";
import { callText, Differential, type OpenDecider } from "./run.ts";

const CALLS_PER_SET = 40;
/** Rules of a set, in the middle. */
const RULES_PER_SET = 2.5;
const MOST_SETS = 200;

export function prototype(call: string): Presentation {
  const first = vocabulary.presentations(call, "variants")?.[0];
  assert.ok(first, call);
  return first;
}

export function checkedRules(text: string): readonly CheckedRule[] {
  const { ruleSet, diagnostics } = parseRules([{ name: "random.conf", text }], vocabulary);
  const errors = diagnostics.filter((d) => d.severity === "error");
  assert.ok(ruleSet, `${text}\n${errors.map((d) => d.message).join("\n")}`);
  return ruleSet.rules;
}

/** Rules on one call or several, and such that are on several themselves. */
export const randomRules: fc.Arbitrary<readonly RandomRule[]> = fc
  .subarray([...CALLS], { minLength: 1, maxLength: 3 })
  .chain((calls) => {
    const ofCall = calls.map((call) => ({
      weight: 6,
      arbitrary: rule(prototype, call, OBJECTS),
    }));
    const made = fc.oneof(...ofCall, { weight: 1, arbitrary: broadRule });
    const [call = CALLS[0]] = calls;
    return fc.oneof(
      { weight: 3, arbitrary: fc.array(made, { minLength: 1, maxLength: 4 }) },
      { weight: 2, arbitrary: families(prototype, call, made) },
    );
  });

function withCalls(count: number) {
  const calls = fc.array(randomCall, { minLength: count, maxLength: count });
  return fc.record({ rules: randomRules, calls });
}

export interface Amount {
  /** (rule, call) pairs at least. */
  readonly pairs: number;
  readonly seed: number;
  /** Calls for each rule set. More cost less, where to load its program costs most; default: 40. */
  readonly callsPerSet?: number;
}

/** Fails on the first pair about which the two disagree, shrunk, and where only one outcome was ever seen. */
export function checkAgainstEvaluator(
  open: OpenDecider,
  arena: Arena,
  facts: KernelFacts,
  { pairs: wanted, seed, callsPerSet = CALLS_PER_SET }: Amount,
): void {
  let pairs = 0;
  const seen = { nothing: 0, matched: 0, unreadable: 0 };
  const property = fc.property(withCalls(callsPerSet), ({ rules, calls }) => {
    const text = ruleSetText(rules);
    const checked = checkedRules(text);
    const both = new Differential(checked, facts, arena, open);
    try {
      for (const call of calls) {
        const compared = both.compare(call);
        const { decided, evaluator } = compared;
        pairs += checked.length;
        if (evaluator === 0) seen.nothing++;
        else if ((evaluator & 0xaaaaaaaa) !== 0) seen.unreadable++;
        else seen.matched++;
        assert.equal(decided.toString(2), evaluator.toString(2), `${text}\n${callText(compared)}`);
      }
    } finally {
      both.close();
    }
  });
  for (let round = 0; pairs < wanted; round++) {
    const run = fc.check(property, {
      seed: seed + round,
      numRuns: Math.min(MOST_SETS, Math.ceil((wanted - pairs) / (callsPerSet * RULES_PER_SET))),
      // that takes a minute or more, for a reader
      endOnFailure: process.env["SCT_SHRINK"] === "0",
    });
    // the counterexample itself is pages long; its message says what differs, after shrinking
    if (run.failed)
      assert.fail(`seed ${seed + round}, shrunk ${run.numShrinks} times: ${run.errorInstance}`);
  }
  console.log(`# ${pairs} (rule, call) pairs, ${JSON.stringify(seen)} calls`);
  // a generator that hits only one outcome would prove nothing
  const all = Object.values(seen).reduce((sum, calls) => sum + calls, 0);
  for (const [outcome, calls] of Object.entries(seen))
    assert.ok(calls > all / 80, `only ${calls} of ${all} calls: ${outcome}`);
}
