import assert from "node:assert/strict";
import { test } from "node:test";
import { type LongText, MOST_HELD, MOST_MATCHED, testLongText } from "./long-text.ts";
import { testString } from "./string-test.ts";

/** `part` at a place in a text of spaces that is never held as a whole, as long as nobody asks for that. */
function withPart(length: number, part: string, at: number): LongText & { largest: number } {
  const bytes = Buffer.from(part);
  const text = {
    length,
    largest: 0,
    read(from: number, size: number) {
      assert.ok(from >= 0 && from + size <= length, `${from} ${size}`);
      text.largest = Math.max(text.largest, size);
      const piece = new Uint8Array(size).fill(0x20);
      for (const [i, byte] of bytes.entries())
        if (at + i >= from && at + i < from + size) piece[at + i - from] = byte;
      return piece;
    },
  };
  return text;
}

const PART = "RoOt:";
const LENGTH = 3 * MOST_HELD + 17;

test("testLongText() finds a part wherever it is, in pieces", () => {
  const places = [0, 1, LENGTH - PART.length];
  for (const border of [MOST_HELD, 2 * MOST_HELD, 3 * MOST_HELD])
    for (let i = -PART.length; i <= PART.length; i++) places.push(border + i);
  for (const at of places) {
    const text = withPart(LENGTH, PART, at);
    assert.equal(testLongText("contains", text, Buffer.from(PART)), true, `at ${at}`);
    assert.equal(testLongText("icontains", text, Buffer.from("rOoT:")), true, `at ${at}`);
    assert.equal(testLongText("contains", text, Buffer.from("root:")), false, `at ${at}`);
    assert.equal(testLongText("startswith", text, Buffer.from(PART)), at === 0);
    assert.equal(testLongText("endswith", text, Buffer.from(PART)), at === LENGTH - PART.length);
    assert.ok(text.largest <= 2 * MOST_HELD);
  }
});

test("testLongText() says what testString() says", () => {
  const ops = "== != < <= > >= startswith endswith contains icontains matches =~ !~".split(" ");
  const patterns = ["", " ", "  ", "!", "RoOt:", " RoOt:", "x", "*", "**RoOt:", "[R]", "RoOt:$"];
  for (const at of [0, 500, 995])
    for (const op of ops as Parameters<typeof testLongText>[0][])
      for (const pattern of patterns.map((one) => Buffer.from(one))) {
        const text = withPart(1000, PART, at);
        if (op.endsWith("~") && pattern.includes("*")) continue;
        const whole = text.read(0, 1000) ?? new Uint8Array();
        assert.equal(
          testLongText(op, text, pattern),
          testString(op, whole, pattern),
          `${op} ${pattern} at ${at}`,
        );
      }
});

test("testLongText() leaves open what it cannot read", () => {
  const unreadable: LongText = { length: LENGTH, read: () => undefined };
  for (const op of ["==", "contains", "startswith", "endswith", "matches", "=~", "<"] as const)
    assert.equal(testLongText(op, unreadable, Buffer.from("x")), undefined, op);
  const huge = withPart(MOST_MATCHED + 1, PART, 0);
  assert.equal(testLongText("=~", huge, Buffer.from("x")), undefined);
  assert.equal(huge.largest, 0);
});
