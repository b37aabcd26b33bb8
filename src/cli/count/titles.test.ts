import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { titled } from "./titles.ts";

function titles(...texts: string[]): string[] {
  const sources = texts.map((text, i) => ({ name: `-e#${i}`, text, isArgument: true }) as const);
  const { ruleSet } = parseRules(sources, vocabulary);
  assert.ok(ruleSet);
  return titled(ruleSet.rules).map(({ name }) => name);
}

test("titled() calls a rule as it was written, unless it has a name", () => {
  assert.deepEqual(titles(" openat  if UID == 0\n by COMM "), ["openat if UID == 0 by COMM"]);
  assert.deepEqual(
    titles("rule { rule_name = mine syscall_name = read action { type = COUNT } }"),
    ["mine"],
  );
});

test("titled() gives no two rules one title", () => {
  const [first, second] = titles("openat", "openat");
  assert.equal(first, "openat");
  assert.match(second ?? "", /^-e#1:1/);
});
