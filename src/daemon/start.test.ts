import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findPaths } from "./paths.ts";
import { LockFile } from "./run-files/lock-file.ts";
import { startService } from "./start.ts";

test("startService() reports how a service ended that was never ready, and what it wrote", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-start-"));
  const { execArgv } = process;
  // the service gets them, and is no test
  process.execArgv = [];
  t.after(() => {
    process.execArgv = execArgv;
    rmSync(directory, { recursive: true });
  });
  for (const [end, exitStatus] of [
    ["process.exit(75)", 75],
    ["process.kill(process.pid, 'SIGKILL')", undefined],
  ] as const) {
    const argv = ["-e", `require("node:fs").writeSync(2, "why\\n"); ${end}`];
    assert.deepEqual(await startService(argv, findPaths(directory)), {
      exitStatus,
      lines: ["the service ended before it was ready", "why"],
    });
  }
});

test("what is in the way of the directory of the lock is not our bug", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-start-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = findPaths(directory);
  const expected = (what: string) => ({
    code: "run_directory",
    message: new RegExp(`^Cannot ${what}: E`),
  });
  writeFileSync(paths.runDir, "");
  assert.throws(() => LockFile.take(paths), expected(`make ${paths.runDir}`));
  await assert.rejects(startService([], paths), expected(`make ${paths.runDir}`));
  rmSync(paths.runDir);
  for (const file of [paths.lock, paths.serviceLog]) mkdirSync(file, { recursive: true });
  assert.throws(() => LockFile.take(paths), expected(`open ${paths.lock}`));
  await assert.rejects(startService([], paths), expected(`open ${paths.serviceLog}`));
});
