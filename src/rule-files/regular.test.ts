import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RuleFiles, readRegular } from "./index.ts";

test("readRegular() reads files and links to them, and waits for nothing else", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-regular-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = (name: string): string => join(directory, name);
  writeFileSync(path("file"), "text");
  symlinkSync("file", path("link"));
  symlinkSync("none", path("dangling"));
  execFileSync("mkfifo", [path("pipe")]);
  assert.equal(readRegular(path("link")).toString(), "text");
  assert.throws(() => readRegular(path("pipe")), { message: "it is no regular file" });
  assert.throws(() => readRegular("/dev/zero"), { message: "it is no regular file" });
  assert.throws(() => readRegular(path("dangling")), { code: "ENOENT" });
  const files = new RuleFiles({ readsPipes: false });
  const errors = ["pipe", "dangling", "."].map((name) => files.read(path(name)));
  assert.deepEqual(
    errors.map((one) => "error" in one && one.error),
    ["it is no regular file", "no such file", "it is a directory"],
  );
  assert.deepEqual(files.read(path("link")), { name: path("link"), text: "text" });
});
