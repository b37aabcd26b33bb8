import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Accounts } from "./accounts.ts";

test("Accounts knows users and groups by name, the first of a name", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-accounts-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const passwd = join(directory, "passwd");
  writeFileSync(
    passwd,
    "root:x:0:0:root:/root:/bin/sh\n# no\n+nis\nme:x:1000:7::/:\nme:x:2:2::/:\n",
  );
  const accounts = new Accounts({ passwd, group: join(directory, "none") });
  assert.deepEqual([accounts.user("root"), accounts.user("me")], [0n, 1000n]);
  assert.deepEqual([accounts.user("nobody"), accounts.group("root")], [undefined, undefined]);
});
