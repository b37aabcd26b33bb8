import assert from "node:assert/strict";
import { test } from "node:test";
import { unknownNames } from "./unknown-names.ts";

const rule = (name: string, ...tags: readonly string[]) => ({ name, tags });

test("unknownNames() has a word for what no rule is called, and reads no more than it needs", () => {
  const read: string[] = [];
  const history = function* () {
    read.push("new");
    yield [rule("unlink_rule1", "audit")];
    read.push("old");
    yield [rule("gone")];
  };
  const inForce = () => {
    read.push("in force");
    return [[rule("fresh")]];
  };
  const ask = (rules: readonly string[], ...tags: readonly string[]) => {
    read.length = 0;
    return unknownNames({ rules, tags }, history, inForce);
  };
  assert.deepEqual([ask([]), read], [[], []]);
  assert.deepEqual([ask(["unlink_*"], "audit"), read], [[], ["new"]]);
  // history of rules that are loaded no more
  assert.deepEqual([ask(["gone"]), read], [[], ["new", "old"]]);
  assert.deepEqual(ask(["fresh", "gone"]), []);
  assert.deepEqual(ask(["unlink_rule", "x*"], "audti"), [
    "no rule is called 'unlink_rule', now or in the history, did you mean 'unlink_rule1'?",
    "no rule is called 'x*', now or in the history",
    "no rule has the tag 'audti', now or in the history, did you mean 'audit'?",
  ]);
});

test("unknownNames() has no word where rules cannot be read", () => {
  assert.deepEqual(
    unknownNames({ rules: ["x"] }, () => [[rule("a")], undefined]),
    [],
  );
});
