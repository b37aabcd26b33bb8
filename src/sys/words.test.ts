import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Words } from "./words.ts";

test("Words reads each word by one atomic load, at its offset", () => {
  const memory = new ArrayBuffer(32);
  const view = new DataView(memory);
  view.setBigInt64(16, -5n, true);
  view.setInt32(28, -7, true);
  const words = new Words(new Uint8Array(memory, 8));
  const load = mock.method(Atomics, "load");
  try {
    assert.deepEqual([words.int64(8), words.int32(20)], [-5n, -7]);
    // a DataView gives the same here, and half a word where somebody writes meanwhile
    assert.equal(load.mock.callCount(), 2);
  } finally {
    load.mock.restore();
  }
});
