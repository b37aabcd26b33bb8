import assert from "node:assert/strict";
import { test } from "node:test";
import { PathFinder } from "./path-finder.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Which of records of ten bytes may have one of the paths. */
function found(batch: string, ...paths: string[]): number[] {
  const finder = new PathFinder(bytes(batch), paths.map(bytes));
  const records = Array.from({ length: batch.length / 10 }, (_, i) => i);
  return records.filter((i) => finder.mayBeIn(i * 10, 10));
}

test("PathFinder finds the records that hold a path", () => {
  const batch = "../etc/a..0123456789/etc/b..../etc/a/etc/a..../tmp";
  assert.deepEqual(found(batch, "/etc/a"), [0, 3]);
  assert.deepEqual(found(batch, "/etc/a", "/etc/b"), [0, 2, 3]);
  assert.deepEqual(found(batch, "/none"), []);
});

test("PathFinder takes no path that continues in the next record", () => {
  assert.deepEqual(found("......./etc/a.......", "/etc/a"), []);
  assert.deepEqual(found("......./etc/a/etc/a.", "/etc/a"), [1]);
});

test("PathFinder without paths lets every record pass", () => {
  assert.deepEqual(found("0123456789".repeat(3)), [0, 1, 2]);
});
