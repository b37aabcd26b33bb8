import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { isHeld } from "./held.ts";

/** Children of a shell that never waits for them, by their numbers: `sleep` in the end. */
async function startWith(t: { after(end: () => void): void }, child: string): Promise<number> {
  const shell = spawn("sh", ["-c", `(${child}) & echo $!; exec sleep 1000`]);
  t.after(() => shell.kill("SIGKILL"));
  const [line] = await once(shell.stdout, "data");
  return Number(line);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

test("isHeld() is true only of a command that has ended to the end", async (t) => {
  const guard = await startWith(t, "exec sleep 1000");
  const ended = await startWith(t, "exit 3");
  const running = await startWith(t, "exec sleep 1000");
  await until(() => isHeld(guard, ended));
  assert.equal(isHeld(guard, running), false);
  process.kill(running, "SIGSTOP");
  await until(() => !isHeld(guard, running));
  process.kill(running, "SIGKILL");
  await until(() => isHeld(guard, running));
  process.kill(guard, "SIGKILL");
});

test("isHeld() is false of a guard that works", async (t) => {
  const ended = await startWith(t, "exit 3");
  const idle = await startWith(t, "exec sleep 1000");
  await until(() => isHeld(idle, ended));
  // this process runs while it looks
  assert.equal(isHeld(process.pid, ended), false);
  process.kill(idle, "SIGKILL");
});
