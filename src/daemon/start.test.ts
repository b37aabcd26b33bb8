import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findPaths } from "./paths.ts";
import { startService } from "./start.ts";

test("startService() tells how a service ended that was never ready, and what it wrote", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-start-"));
  t.after(() => rmSync(directory, { recursive: true }));
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
