import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { directory, storedSeqs, upTo } from "./testing/stream.ts";

const appender = fileURLToPath(new URL("testing/appender.ts", import.meta.url));
/** One for each number of reports after which the writer is killed; test/service/kill.test.ts kills more often. */
const ROUNDS = 6;

/** Waits until it has begun, and reported this often. */
async function batches(output: Readable, reports: number): Promise<void> {
  for (let lines = 0; lines <= reports; ) {
    const [chunk] = await once(output, "data");
    lines += String(chunk).split("\n").length - 1;
  }
}

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
    await batches(child.stdout, round);
    // somewhere in the batches that it is at meanwhile
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
