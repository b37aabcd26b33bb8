import assert from "node:assert/strict";
import { test } from "node:test";
import { FEATURES } from "../../bpf/index.ts";
import { checkLandlock, MEANINGS } from "./checks.ts";

test("MEANINGS has what each probed feature is for, and nothing else", () => {
  assert.deepEqual(FEATURES.map(({ name }) => name).sort(), Object.keys(MEANINGS).sort());
});

test("the row of Landlock says what its version holds", () => {
  const found = (version: number) => {
    const { isGood, finding } = checkLandlock(version);
    return [isGood, finding];
  };
  assert.deepEqual(found(0), [false, "this kernel has none, or it is off"]);
  assert.deepEqual(found(2), [false, "ABI 2: too old: policies need 3, which Linux 6.2 has"]);
  assert.deepEqual(found(3), [true, "ABI 3: files and folders"]);
  assert.deepEqual(found(6), [
    true,
    "ABI 6: files and folders, ports of TCP, abstract unix sockets",
  ]);
});
