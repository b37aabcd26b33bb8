import assert from "node:assert/strict";
import { readSync, writeSync } from "node:fs";
import { test } from "node:test";
import { Tried } from "./tried.ts";

test("Tried keeps what the machine refuses as a problem until it works, and no bug", () => {
  let act = (): void => {};
  const tried = new Tried("names are old");
  const noFile = 1_000_000;
  for (const fails of [
    () => void writeSync(noFile, "x"),
    () => void readSync(noFile, Buffer.alloc(1)),
  ]) {
    act = fails;
    tried.run(act);
    assert.match(tried.problem ?? "", /^names are old: EBADF: .*; it is tried again every second$/);
    act = () => {};
    tried.run(act);
    assert.equal(tried.problem, undefined);
  }
  act = () => {
    throw new Error("a bug");
  };
  assert.throws(() => tried.run(act), /a bug/);
});
