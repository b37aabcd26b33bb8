import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_WIDTH } from "./protocol.ts";
import { readRequest } from "./request.ts";

const read = (request: object) => readRequest(JSON.stringify({ v: 1, ...request }));

test("readRequest() takes the width of a terminal with each change of rules, and nothing else for it", () => {
  const rules = { files: [], includes: [] };
  for (const change of [
    { op: "upload", ...rules },
    { op: "replace", ...rules },
    { op: "delete" },
  ]) {
    assert.deepEqual(read({ ...change, width: 72 }), { v: 1, ...change, width: 72 });
    for (const width of [0, -1, 1.5, MAX_WIDTH + 1, "80", null])
      assert.deepEqual(read({ ...change, width }), { wrong: '"width" is no number of columns' });
  }
});
