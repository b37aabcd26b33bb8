import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { directory, storedSeqs, upTo } from "./testing/stream.ts";

const appender = fileURLToPath(new URL("testing/appender.ts", import.meta.url));
const ROUNDS = 12;

test("a history whose writer is killed at any moment has every event once", async (t) => {
  const file = join(directory(t), "history.db");
  let before = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const child = spawn(process.execPath, [appender, file], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const errors: string[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
    const exit = once(child, "exit");
    await once(child.stdout, "data");
    await sleep(Math.random() * 150);
    child.kill("SIGKILL");
    await exit;
    assert.deepEqual(
      errors.filter((text) => !text.includes("Warning")),
      [],
    );
    const seqs = storedSeqs(file);
    assert.deepEqual(seqs, upTo(seqs.length));
    assert.ok(seqs.length >= before);
    before = seqs.length;
  }
  assert.ok(before > 0);
});
