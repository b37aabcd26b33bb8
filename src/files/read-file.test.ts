import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readBounded, readRegular } from "./index.ts";

const LIMIT = 2 * 1024 * 1024;

test("readRegular() reads files and links to them, and waits for nothing else", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-regular-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = (name: string): string => join(directory, name);
  writeFileSync(path("file"), "text");
  symlinkSync("file", path("link"));
  symlinkSync("none", path("dangling"));
  execFileSync("mkfifo", [path("pipe")]);
  assert.equal(readRegular(path("link"), LIMIT).toString(), "text");
  assert.throws(() => readRegular(path("pipe"), LIMIT), { message: "it is no regular file" });
  assert.throws(() => readRegular("/dev/zero", LIMIT), { message: "it is no regular file" });
  assert.throws(() => readRegular(path("dangling"), LIMIT), { code: "ENOENT" });
  writeFileSync(path("full"), Buffer.alloc(LIMIT, "x"));
  writeFileSync(path("large"), Buffer.alloc(LIMIT + 1));
  assert.equal(readRegular(path("full"), LIMIT).length, LIMIT);
  assert.throws(() => readRegular(path("large"), LIMIT), { message: "it is larger than 2 MiB" });
});

test("readBounded() ends where what it reads has no end", () => {
  assert.throws(() => readBounded("/dev/zero", LIMIT), { message: "it is larger than 2 MiB" });
  // as procfs: its size is 0 by fstat(2)
  assert.ok(readBounded("/proc/self/status", LIMIT).length > 0);
});
