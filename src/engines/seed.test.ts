import assert from "node:assert/strict";
import { test } from "node:test";
import { checked } from "../compiler/testing/rules.ts";
import { chooseSeed } from "./seed.ts";

const rule = (more: string) =>
  checked(`rule { syscall_name = unlink ${more} action { type = LOG } }`);

test("chooseSeed() takes the seed that is given, or makes one, and says how to make the choices again", () => {
  const given = chooseSeed(rule("chance = 10%"), 7);
  assert.deepEqual(given, { seed: 7, notices: ["--seed 7 makes the same choices again"] });
  const { seed, notices } = chooseSeed(rule("chance = 10%"), undefined);
  assert.ok(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32);
  assert.deepEqual(notices, [`--seed ${seed} makes the same choices again`]);
  assert.deepEqual(chooseSeed(rule(""), 7).notices, []);
});
