import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeRunDirectory, RunDirectoryError } from "./run-directory.ts";

test("makeRunDirectory() makes what is missing, for us alone, and ends where nothing can be made", (t) => {
  const place = mkdtempSync(join(tmpdir(), "sct-run-"));
  t.after(() => rmSync(place, { recursive: true }));
  const runDir = join(place, "a/b/run");
  makeRunDirectory({ runDir });
  makeRunDirectory({ runDir });
  assert.equal(statSync(runDir).mode & 0o777, 0o700);
  assert.equal(statSync(join(place, "a")).mode & 0o777, 0o700);
  mkdirSync(join(place, "c"));
  writeFileSync(join(place, "c/file"), "");
  for (const bad of [
    "/proc/nope/run",
    "/proc/self/fd/x",
    join(place, "c/file"),
    join(place, "c/file/run"),
  ])
    assert.throws(() => makeRunDirectory({ runDir: bad }), RunDirectoryError, bad);
});
