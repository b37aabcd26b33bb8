import assert from "node:assert/strict";
import { test } from "node:test";
import { table } from "./table.ts";

test("table() has its own entries and none that objects inherit", () => {
  const numbers = table<number>({ one: 1 });
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "two"])
    assert.deepEqual([numbers[name], name in numbers], [undefined, false], name);
  assert.deepEqual([numbers["one"], Object.keys(numbers)], [1, ["one"]]);
});
