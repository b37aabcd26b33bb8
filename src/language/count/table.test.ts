import assert from "node:assert/strict";
import { test } from "node:test";
import { type CountRow, keyText, sortCountRows, sortingCountRows } from "./table.ts";

const row = (bytes: Uint8Array, count: bigint): CountRow => ({
  key: [{ is: "text", bytes, cut: false }],
  count,
  measured: [],
});

test("keyText() is of the bytes of the text, not of those around it", () => {
  const around = Uint8Array.of(1, 0x0a, 0xff, 2);
  const text = keyText(row(around.subarray(1, 3), 1n).key);
  assert.equal(text, "t0aff");
});

test("sortCountRows() puts most calls first, and equal ones in the order of their bytes", () => {
  const rows = [
    row(Uint8Array.of(0xff), 1n),
    row(Uint8Array.of(9), 1n),
    row(Uint8Array.of(10), 2n),
  ];
  const sorted = sortCountRows(rows).map(({ key }) => keyText(key));
  assert.deepEqual(sorted, ["t0a", "t09", "tff"]);
});

test("sortCountRows() compares no keys of rows that differ in their counts", () => {
  const rows = Array.from({ length: 100 }, (_, i): CountRow => {
    const { measured } = row(new Uint8Array(), 0n);
    return Object.defineProperty({ count: BigInt(i), measured, key: [] }, "key", {
      get: () => assert.fail("the key was looked at"),
    });
  });
  assert.equal(sortCountRows(rows)[0]?.count, 99n);
});

test("sortingCountRows() gives what sortCountRows() gives, in steps", () => {
  const rows = Array.from({ length: 5000 }, (_, i) =>
    row(Uint8Array.of((i * 7) & 0xff, i >> 8), BigInt((i * 31) % 50)),
  );
  const steps = sortingCountRows(rows);
  let count = 0;
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) {
      assert.deepEqual(value, sortCountRows(rows));
      break;
    }
    count++;
  }
  assert.ok(count > 10);
  assert.deepEqual(sortingCountRows([]).next().value, []);
});
