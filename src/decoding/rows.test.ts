import assert from "node:assert/strict";
import { test } from "node:test";
import { abis, callName } from "../linux/index.ts";
import { decoderOf } from "./decoder.ts";

test("every call of every ABI has what prints it", () => {
  for (const abi of abis) {
    for (let nr = 0; nr < 600; nr += 1) {
      const name = callName(nr, abi);
      if (name !== undefined) assert.equal(decoderOf(abi, nr).name, name);
    }
  }
});
