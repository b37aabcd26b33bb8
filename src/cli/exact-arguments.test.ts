import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeText } from "../events/index.ts";
import { exactArguments, namesMeant } from "./exact-arguments.ts";

test("namesMeant() knows each byte as a shell writes what JSON has for it", () => {
  for (let byte = 0x80; byte <= 0xff; byte++) {
    // the code point U+DC00 + byte as three bytes
    const written = `a\udced${byte < 0xc0 ? "\udcb2" : "\udcb3"}${String.fromCharCode(0xdc80 | (byte & 0x3f))}`;
    const [same = "", meant = "", ...more] = namesMeant(written);
    assert.deepEqual([same, more], [written, []]);
    assert.deepEqual([...encodeText(meant)], [0x61, byte]);
  }
  assert.deepEqual(namesMeant("plain\udced\udcff"), ["plain\udced\udcff"]);
});

test("exactArguments() leaves a command line that is not this process's as it is", () => {
  assert.deepEqual(exactArguments(["a\ufffd", "b"]), ["a\ufffd", "b"]);
});
