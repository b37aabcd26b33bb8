import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RuleFiles } from "./index.ts";

test("RuleFiles.read() and .include() say what is no rule file, and end", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-rule-files-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = (name: string): string => join(directory, name);
  writeFileSync(path("file"), "text");
  symlinkSync("file", path("link"));
  symlinkSync("none", path("dangling"));
  execFileSync("mkfifo", [path("pipe")]);
  const from = { name: path("file"), text: "" };
  const reasons = ["pipe", "dangling", ".", "/dev/zero", "-"].map((name) => {
    const result = new RuleFiles().include(name, from);
    return "error" in result && result.error;
  });
  assert.deepEqual(reasons, [
    "it is no regular file",
    "no such file",
    "it is a directory",
    "it is no regular file",
    "no such file",
  ]);
  const service = new RuleFiles({ readsPipes: false });
  assert.deepEqual(service.read(path("pipe")), {
    error: "it is no regular file",
    name: path("pipe"),
    isBinary: false,
  });
  assert.deepEqual(service.read(path("link")), { name: path("link"), text: "text" });
  const endless = new RuleFiles().read("/dev/zero");
  assert.equal("error" in endless && endless.error, "it is larger than 4 MiB");
});
