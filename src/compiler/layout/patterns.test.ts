import assert from "node:assert/strict";
import { test } from "node:test";
import { type StringOp, testString } from "../../language/index.ts";
import { staticTest, unionAutomaton } from "./patterns.ts";
import { DfaTable } from "./tables.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("staticTest() of named classes agrees with testString()", () => {
  const globs = ["[[:digit:]]*", "*[[:space:]]*", "[^[:alnum:]_]*", "/[[:upper:][:digit:]]?"];
  const texts = ["7a", "a7", "a b", "_x", "-x", "/Ab", "/1b", "/ab", "", "/", "\u00e9"];
  for (const glob of globs) {
    for (const text of texts) {
      const [pattern, subject] = [bytes(glob), bytes(text)];
      const expected = testString("matches", subject, pattern);
      assert.equal(staticTest("matches", subject, pattern), expected, `${glob} ${text}`);
    }
  }
});

test("unionAutomaton() makes one automaton of many patterns, once", () => {
  const tables = new DfaTable();
  const tests = Array.from({ length: 3000 }, (_, i) => ({
    op: "matches" as const,
    pattern: bytes(`/srv/${i}/*`),
  }));
  const first = unionAutomaton(tables, tests.slice(0, 200));
  const { size } = tables;
  assert.ok(first);
  assert.equal(unionAutomaton(tables, tests.slice(0, 200)), first);
  assert.equal(tables.size, size);
  // beyond the limit the caller takes several
  assert.equal(unionAutomaton(tables, tests), undefined);
});

test("unionAutomaton() gives up what multiplies", () => {
  const tests = Array.from("abcdefgh", (letter) => ({
    op: "matches" as const,
    pattern: bytes(`**${letter}${"?".repeat(12)}`),
  }));
  const tables = new DfaTable();
  assert.equal(unionAutomaton(tables, tests), undefined);
  assert.equal(tables.size, 0);
});

const operators: readonly StringOp[] = ["matches", "contains", "icontains", "endswith"];
test("staticTest() agrees with testString()", () => {
  for (const op of operators) {
    for (const [text, pattern] of [
      ["/etc/passwd", "PASSWD"],
      ["/etc/passwd", "passwd"],
      ["/etc/passwd", "/etc/*"],
    ] as const) {
      const expected = testString(op, bytes(text), bytes(pattern));
      assert.equal(staticTest(op, bytes(text), bytes(pattern)), expected, `${text} ${op}`);
    }
  }
});
