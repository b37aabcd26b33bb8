import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { GlobError, parseGlob } from "./glob.ts";
import { GlobMatcher } from "./glob-matcher.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const matches = (pattern: string, text: string) =>
  new GlobMatcher(parseGlob(bytes(pattern))).matches(bytes(text));

const good: Readonly<Record<string, readonly string[]>> = {
  "": [""],
  "/etc/passwd": ["/etc/passwd"],
  "*": ["", "abc", ".hidden"],
  "a?c": ["abc", "a-c"],
  "/home/*/.ssh/**": ["/home/me/.ssh/id", "/home/me/.ssh/a/b", "/home/me/.ssh/"],
  "**": ["", "/", "/a/b"],
  "/a/**/b": ["/a/b", "/a/x/b", "/a/x/y/b"],
  "**/b": ["b", "a/b", "/x/b"],
  "/a**b": ["/ab", "/a/x/b"],
  "[a-c]x": ["ax", "cx"],
  "[!a-c]x": ["dx", "-x"],
  "[^a]": ["b"],
  "[]a]": ["]", "a"],
  "[a-]": ["a", "-"],
  "[\\]]": ["]"],
  "{a,b}": ["a", "b"],
  "{,x}y": ["y", "xy"],
  "/{usr,opt/{x,y}}/bin": ["/usr/bin", "/opt/x/bin", "/opt/y/bin"],
  "\\*": ["*"],
  "a\\{b": ["a{b"],
  "a,b}": ["a,b}"],
  "ö?": ["ö!"],
  // as bash -c '[[ 7 == [[:digit:]] ]]'
  "[[:digit:]]": ["0", "7"],
  "[^[:digit:]]": ["a", ":", "["],
  "[![:space:]x]": ["a"],
  "[[:alpha:]_][[:alnum:]_-]": ["a1", "_-"],
  "[[:upper:][:xdigit:]]": ["Z", "f"],
  "[[:punct:]]": ["!", "~", "_"],
  "[[:]": ["[", ":"],
  "[[:a]": ["[", ":", "a"],
};
const bad: Readonly<Record<string, readonly string[]>> = {
  "": ["x"],
  "*": ["a/b", "/"],
  "?": ["", "/", "ab"],
  "/home/*/.ssh/**": ["/home/a/b/.ssh/id", "/home/me/.ssh"],
  "/a/**/b": ["/ab", "/a/xb", "/a/b/c"],
  "[!a]": ["/", "a", ""],
  "[.-0]": ["/"],
  "{a,b}": ["", "ab", "{a,b}"],
  "\\*": ["x"],
  "[[:digit:]]": ["a", ":", "d", "[", "7]", "d]", "\u0664"],
  "[^[:digit:]]": ["7", "/"],
  "[[:punct:]]": ["/"],
};

describe("GlobMatcher", () => {
  for (const [pattern, texts] of Object.entries(good)) {
    for (const text of texts)
      test(`${pattern} matches ${text}`, () => assert.ok(matches(pattern, text)));
  }
  for (const [pattern, texts] of Object.entries(bad)) {
    for (const text of texts) {
      test(`${pattern} does not match ${text}`, () => assert.ok(!matches(pattern, text)));
    }
  }
  test("takes linear time where backtracking explodes", () => {
    const pattern = `${"a*".repeat(100)}b`;
    const start = performance.now();
    assert.ok(!matches(pattern, "a".repeat(4096)));
    assert.ok(performance.now() - start < 60_000);
  });
  test("agrees with a naive matcher", () => {
    const piece = fc.constantFrom("a", "b", "/", "*", "?", "**", "[ab]", "[!a]");
    const text = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 7 }).map((t) => t.join(""));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), text, (pieces, subject) => {
        // Stars that meet, and `**` before a slash, have rules of their own, tested above.
        const pattern = pieces.join("");
        fc.pre(!/\*\*\/|\*{3}/.test(pattern) && !/\* \*/.test(pieces.join(" ")));
        const regex = pieces.map((p) => NAIVE[p] ?? p).join("");
        assert.equal(matches(pattern, subject), new RegExp(`^(?:${regex})$`, "s").test(subject));
      }),
      { numRuns: 500 },
    );
  });
});

const NAIVE: Readonly<Record<string, string>> = {
  "*": "[^/]*",
  "?": "[^/]",
  "**": ".*",
  "[!a]": "[^a/]",
};

describe("parseGlob", () => {
  for (const pattern of [
    "[",
    "[a",
    "[]",
    "{",
    "{a",
    "{a,{b}",
    "\\",
    "[z-a]",
    "[ö]",
    "[[:digits:]]",
    "[[:digit:]",
    "[a-[:digit:]]",
    "[:digit:]",
    "[^:space:]",
    "[[.a.]]",
    "[[=a=]]",
    "{a}",
    "{1..3}",
    "{}",
    "a".repeat(5000),
    "{".repeat(60),
  ]) {
    test(`refuses ${pattern.slice(0, 10)}`, () => {
      assert.throws(() => parseGlob(bytes(pattern)), GlobError);
    });
  }
  test("never throws anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (pattern) => {
        try {
          new GlobMatcher(parseGlob(pattern)).matches(pattern);
        } catch (problem) {
          assert.ok(problem instanceof GlobError);
        }
      }),
    );
  });
  test("canContinue() holds for every beginning of what matches", () => {
    const matcher = new GlobMatcher(parseGlob(bytes("/home/*/.ssh/**")));
    for (const text of ["", "/", "/home/u", "/home/u/.ssh", "/home/u/.ssh/a/b"])
      assert.ok(matcher.canContinue(bytes(text)), text);
    for (const text of ["x", "/homes", "/home/u/.local", "/home/u/.sshx"])
      assert.ok(!matcher.canContinue(bytes(text)), text);
  });
});
