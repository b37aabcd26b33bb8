import assert from "node:assert/strict";
import { mkdtempSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FILES_PER_STEP, KnownFiles } from "./known-files.ts";

test("KnownFiles learns of all others where one file cannot be asked about", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-known-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = ["bad", "good"].map((name) => join(directory, name));
  for (const path of paths) writeFileSync(path, "");
  let asked = 0;
  let isBad = true;
  const files = new KnownFiles(paths, 4, () => {
    asked++;
    if (isBad && asked === 1) readSync(1_000_000, Buffer.alloc(1));
    return `key ${asked}`;
  });
  try {
    assert.throws(() => files.refresh(), { code: "EBADF" });
    assert.deepEqual(files.keys(), [[], ["key 2"]]);
    isBad = false;
    assert.equal(files.refresh(), true);
    assert.deepEqual(files.keys(), [["key 3"], ["key 2"]]);
  } finally {
    files.close();
  }
});

test("KnownFiles looks at a bounded number of files in a step, and at all of them", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-known-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = Array.from({ length: 3 * FILES_PER_STEP + 1 }, (_, i) => join(directory, `${i}`));
  for (const path of paths) writeFileSync(path, "");
  let asked = 0;
  const files = new KnownFiles(paths, 4, () => `key ${asked++}`);
  try {
    const perStep: number[] = [];
    for (const steps = files.refreshing(); ; ) {
      asked = 0;
      const { done } = steps.next();
      perStep.push(asked);
      if (done === true) break;
    }
    assert.deepEqual(perStep, [FILES_PER_STEP, FILES_PER_STEP, FILES_PER_STEP, 1]);
    assert.ok(files.keys().every((keys) => keys.length === 1));
  } finally {
    files.close();
  }
});
