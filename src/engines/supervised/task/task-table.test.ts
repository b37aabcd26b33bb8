import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { ProcFiles } from "./proc-files.ts";
import { TaskTable } from "./task-table.ts";

test("living() leaves out who has ended, whose number may be another's", async (t) => {
  const table = new TaskTable(false, new ProcFiles());
  t.after(() => table.close());
  const child = spawn("sleep", ["1000"]);
  const { pid = 0 } = child;
  table.see(process.pid);
  table.see(pid);
  assert.deepEqual(table.living(), [process.pid, pid]);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.deepEqual(table.living(), [process.pid]);
});
