import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TextBuffer, toBigInt } from "./text-buffer.ts";

function written(write: (out: TextBuffer) => void): string {
  const out = new TextBuffer(1);
  write(out);
  return new TextDecoder().decode(out.view());
}

const words = fc.tuple(fc.integer(), fc.integer());

test("TextBuffer.integer() writes what String() writes", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      assert.equal(
        written((out) => out.integer(value)),
        String(value),
      );
    }),
  );
});

test("TextBuffer.int64() and uint64() write all 64-bit numbers", () => {
  const edges = [0, -1, 1, 0x7fff_ffff, -0x8000_0000, 0x1f_ffff, 0x20_0000, -0x20_0000];
  const word = fc.oneof(fc.integer(), fc.constantFrom(...edges));
  fc.assert(
    fc.property(word, word, (low, high) => {
      const value = toBigInt(low, high);
      assert.equal(
        written((out) => out.int64(low, high)),
        BigInt.asIntN(64, value).toString(),
      );
      assert.equal(
        written((out) => out.uint64(low, high)),
        value.toString(),
      );
    }),
  );
});

test("TextBuffer.hex() writes 0x and no leading zeros", () => {
  fc.assert(
    fc.property(words, ([low, high]) => {
      assert.equal(
        written((out) => out.hex(low, high)),
        `0x${toBigInt(low, high).toString(16)}`,
      );
    }),
  );
  assert.equal(
    written((out) => out.hex(0, 0)),
    "0x0",
  );
});

test("TextBuffer.padded() keeps all digits", () => {
  assert.equal(
    written((out) => out.padded(7, 3)),
    "007",
  );
  assert.equal(
    written((out) => out.padded(1234, 3)),
    "1234",
  );
});

test("TextBuffer grows and keeps what it has", () => {
  const out = new TextBuffer(2);
  for (let i = 0; i < 100; i++) out.string("äb");
  assert.equal(new TextDecoder().decode(out.view()), "äb".repeat(100));
  out.clear();
  assert.equal(out.view().length, 0);
});
