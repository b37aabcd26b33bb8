import assert from "node:assert/strict";
import { test } from "node:test";
import { SetIds } from "./set-ids.ts";

test("SetIds distinguishes any two sets", () => {
  const ids = new SetIds();
  const sets: number[][] = [[]];
  for (let a = 0; a < 40; a++) {
    sets.push([a]);
    for (let b = a + 1; b < 300; b += 1 + a) sets.push([a, b], [a, b, b << 16]);
  }
  for (const [id, set] of sets.entries()) {
    assert.equal(ids.get(set), undefined, `${set}`);
    ids.set(set, id);
  }
  for (const [id, set] of sets.entries()) assert.equal(ids.get([...set]), id, `${set}`);
});
