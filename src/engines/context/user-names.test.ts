import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readUserNames } from "./user-names.ts";

test("readUserNames() takes the first name of each uid", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-passwd-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "passwd");
  writeFileSync(
    file,
    "root:x:0:0::/root:/bin/sh\ntoor:x:0:0:::\n# comment\n+nis\nann:x:1000:1::/:\n",
  );
  assert.deepEqual(
    [...readUserNames(file)],
    [
      [0, "root"],
      [1000, "ann"],
    ],
  );
  assert.equal(readUserNames(join(directory, "none")).size, 0);
});
