import assert from "node:assert/strict";
import { test } from "node:test";
import { FEATURES } from "../../bpf/index.ts";
import { MEANINGS } from "./checks.ts";

test("MEANINGS has what each probed feature is for, and nothing else", () => {
  assert.deepEqual(FEATURES.map(({ name }) => name).sort(), Object.keys(MEANINGS).sort());
});
