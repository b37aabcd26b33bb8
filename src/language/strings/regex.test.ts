import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { byteRegex, compileRegex, RegexError } from "./regex.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const finds = (pattern: string, text: string | Uint8Array) =>
  compileRegex(bytes(pattern)).matches(typeof text === "string" ? bytes(text) : text);

describe("compileRegex", () => {
  test("searches anywhere", () => assert.ok(finds("b+", "abbc")));
  test("knows anchors", () => assert.ok(!finds("^b", "ab")));
  test("repeats characters beyond ASCII whole", () => assert.ok(finds("^é+$", "ééé")));
  test("`.` takes bytes that are no UTF-8", () => {
    assert.ok(finds("^a.b$", Uint8Array.of(97, 0xff, 98)));
  });
  test("ignores case of ASCII", () => assert.ok(finds("(?i)PassWD", "passwd")));
  test("keeps POSIX classes", () => assert.ok(finds("^[[:alpha:]]+é$", "abcé")));
  for (const pattern of [
    "(",
    "a**",
    "\\1",
    "(?=x)",
    "[z-a]",
    "x{1001}",
    "[é]",
    "(?i)é",
    "[:digit:]+",
    "a[^:space:]",
    "a".repeat(5000),
  ]) {
    test(`refuses ${pattern.slice(0, 12)}`, () => {
      assert.throws(() => compileRegex(bytes(pattern)), RegexError);
    });
  }
});

describe("byteRegex", () => {
  test("groups the bytes of a character", () => {
    assert.equal(byteRegex(bytes("aé+\\é")), "a(?:\\xc3\\xa9)+\\(?:\\xc3\\xa9)");
  });
});
