/** Each recipe is a rule file that is right as it stands, and its tests pass. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseRules, runTests } from "../src/language/index.ts";
import { vocabulary } from "../src/linux/index.ts";

const text = readFileSync(new URL("../docs/cookbook.md", import.meta.url), "utf8");
const recipes = [...text.matchAll(/^### (\d+)\. (.*)\n([\s\S]*?)(?=^##|$(?![\s\S]))/gm)];

test("the cookbook has twenty recipes, numbered in order", () => {
  assert.deepEqual(
    recipes.map(([, number]) => Number(number)),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
});

for (const [, number, title, body = ""] of recipes)
  test(`recipe ${number}: ${title}`, () => {
    const [, rules] = /^```sct\n([\s\S]*?)^```$/m.exec(body) ?? [];
    if (rules === undefined) {
      assert.match(body, /^```\nsct run -e /m);
      return;
    }
    const { ruleSet, diagnostics } = parseRules([{ name: "x.conf", text: rules }], vocabulary);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    assert.deepEqual(
      errors.map(({ message }) => message),
      [],
    );
    assert.ok(ruleSet);
    for (const result of runTests(ruleSet, vocabulary, () => ""))
      assert.deepEqual(result.failures, []);
  });

test("the rule that other tools are compared with is right", () => {
  const page = readFileSync(new URL("../docs/coming-from.md", import.meta.url), "utf8");
  const [, rules = ""] = /^```sct\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const { ruleSet, diagnostics } = parseRules([{ name: "etc.conf", text: rules }], vocabulary);
  assert.ok(ruleSet, diagnostics.map(({ message }) => message).join("\n"));
  assert.equal(ruleSet.rules.length, 1);
});
