import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { OutputBuffer } from "./output-buffer.ts";

const LINE = "0123456789abcde\n";
/** More than a pipe holds. */
const COUNT = 20_000;

function pipe(t: TestContext): { reader: number; writer: number } {
  const directory = mkdtempSync(join(tmpdir(), "sct-output-"));
  const path = join(directory, "fifo");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, "w");
  t.after(() => {
    closeSync(writer);
    rmSync(directory, { recursive: true });
  });
  return { reader, writer };
}

function fill(output: OutputBuffer): void {
  for (let i = 0; i < COUNT; i++) output.text.string(LINE);
}

test("OutputBuffer.drain() waits for a slow reader and writes everything", async (t) => {
  const { reader, writer } = pipe(t);
  const output = new OutputBuffer(writer);
  fill(output);
  output.flush();
  // taken along by the write that is under way
  output.text.string(LINE);
  let isDone = false;
  const drained = output.drain().then(() => {
    isDone = true;
  });
  const chunk = Buffer.alloc(4096);
  let length = 0;
  while (!isDone || length < (COUNT + 1) * LINE.length) {
    try {
      length += readSync(reader, chunk);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "EAGAIN");
    }
    await nextTurn();
  }
  await drained;
  assert.equal(length, (COUNT + 1) * LINE.length);
  assert.equal(output.unwrittenBytes, 0);
  output.close();
  closeSync(reader);
});

test("OutputBuffer.error reports that the reader is gone", async (t) => {
  const { reader, writer } = pipe(t);
  const output = new OutputBuffer(writer);
  closeSync(reader);
  fill(output);
  await output.drain();
  assert.equal(output.error?.code, "EPIPE");
  assert.equal(output.unwrittenBytes, COUNT * LINE.length);
  output.close();
});

test("OutputBuffer.abandon() ends the wait for a reader that never reads", async (t) => {
  const { reader, writer } = pipe(t);
  const output = new OutputBuffer(writer);
  fill(output);
  const drained = output.drain();
  output.abandon();
  await drained;
  assert.ok(output.unwrittenBytes > 0);
  output.close();
  closeSync(reader);
});

test("OutputBuffer writes to a file where the file's other writers stopped", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-output-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "log");
  const fd = openSync(path, "w");
  for (const text of ["one\n", "two\n"]) {
    const output = new OutputBuffer(fd);
    output.text.string(text);
    await output.drain();
    output.close();
  }
  assert.equal(readFileSync(path, "utf8"), "one\ntwo\n");
  closeSync(fd);
});
