import assert from "node:assert/strict";
import { test } from "node:test";
import { wrapWords } from "./wrap.ts";

test("wrapWords() breaks between words, under the beginning of the text", () => {
  assert.equal(wrapWords("  hint: ", "a short text", 80), "  hint: a short text");
  assert.equal(
    wrapWords("  race  ", "none: decided on registers and numbers", 32),
    "  race  none: decided on\n        registers and numbers",
  );
  assert.equal(
    wrapWords("x: ", "aaaa bbbb cccc dddd eeee ffff", 26, 2),
    "x: aaaa bbbb cccc dddd\n  eeee ffff",
  );
  assert.equal(wrapWords("", "a".repeat(50), 30), "a".repeat(50));
  assert.equal(wrapWords("x ", "many words here", undefined), "x many words here");
});
