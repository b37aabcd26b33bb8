import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { isEnding } from "./ending.ts";

test("a process is ending when it is killed or was not collected, not while it runs", async () => {
  assert.equal(isEnding(process.pid), false);
  const child = spawn("sleep", ["60"]);
  const pid = child.pid ?? 0;
  assert.equal(isEnding(pid), false);
  // nothing collects it before this turn of the event loop ends
  process.kill(pid, "SIGKILL");
  assert.equal(isEnding(pid), true);
  await new Promise((resolve) => child.on("exit", resolve));
  assert.equal(isEnding(pid), true);
});
