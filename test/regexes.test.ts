/** Automata of regular expressions find what the evaluator's matcher finds, byte for byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildDfa, DfaTooLargeError, dfaAccepts } from "../src/compiler/dfa/dfa.ts";
import { regexPattern } from "../src/compiler/dfa/regex-pattern.ts";
import { compileRegex, RegexError } from "../src/language/index.ts";
import { regex, text } from "./differential/regexes.ts";

const wanted = Number(process.env["SCT_REGEX_PAIRS"] ?? 100_000);
const seed = Number(process.env["SCT_SEED"] ?? Date.now() % 0x7fffffff);
const TEXTS = 60;

test("the automaton of an expression agrees with the matcher of the evaluator", () => {
  console.log(`# regular expressions, seed ${seed} (SCT_SEED repeats it)`);
  const seen = { pairs: 0, found: 0, expressions: 0, tooLarge: 0 };
  const property = fc.property(
    regex,
    fc.array(text, { minLength: TEXTS, maxLength: TEXTS }),
    (expression, texts) => {
      const matcher = compiled(expression);
      if (matcher === undefined) return;
      seen.expressions++;
      const dfa = built(matcher, expression);
      if (dfa === undefined) {
        seen.tooLarge++;
        return;
      }
      for (const bytes of texts) {
        const expected = matcher.matches(bytes);
        seen.pairs++;
        if (expected) seen.found++;
        const shown = `/${expression}/ ${JSON.stringify(Buffer.from(bytes).toString("latin1"))}`;
        assert.equal(dfaAccepts(dfa, bytes), expected, shown);
      }
    },
  );
  for (let round = 0; seen.pairs < wanted; round++) {
    const run = fc.check(property, { seed: seed + round, numRuns: 500 });
    if (run.failed) assert.fail(`seed ${seed + round}: ${run.errorInstance}`);
  }
  console.log(`# ${JSON.stringify(seen)}`);
  // both outcomes must be frequent, and hardly anything left out
  assert.ok(seen.found > seen.pairs / 10 && seen.found < (seen.pairs * 9) / 10);
  assert.ok(seen.tooLarge <= seen.expressions / 20);
});

function compiled(expression: string): ReturnType<typeof compileRegex> | undefined {
  try {
    return compileRegex(Buffer.from(expression));
  } catch (error) {
    if (error instanceof RegexError) return undefined;
    throw error;
  }
}

function built(
  matcher: ReturnType<typeof compileRegex>,
  expression: string,
): ReturnType<typeof buildDfa> | undefined {
  try {
    return buildDfa(regexPattern(matcher.program(), expression));
  } catch (error) {
    if (error instanceof DfaTooLargeError) return undefined;
    throw error;
  }
}
