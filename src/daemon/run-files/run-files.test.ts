/** Files of the run directory that somebody removes under the service. */
import assert from "node:assert/strict";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findPaths } from "../paths.ts";
import { ControlServer } from "../socket/control-server.ts";
import { LockFile, RunningError } from "./lock-file.ts";
import { RunFiles } from "./run-files.ts";
import { OwnLog } from "./service-log.ts";

async function place(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "sct-run-files-"));
  const paths = findPaths(directory);
  const lock = LockFile.take(paths);
  const fd = openSync(paths.serviceLog, "a", 0o600);
  const log = new OwnLog(paths, [fd]);
  const control = await ControlServer.open(paths.socket, async () => ({ ok: true }));
  const reported: string[] = [];
  const report = (line: string): void => {
    reported.push(line);
    writeSync(fd, `${line}\n`);
  };
  const engine = { describeAgain: () => false };
  const files = new RunFiles({ paths, lock, log, control, engine, report });
  t.after(() => {
    control.close();
    lock.release();
    closeSync(fd);
    rmSync(directory, { recursive: true });
  });
  return { paths, lock, files, reported };
}

function ask(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path, () => socket.write('{"v":1,"op":"status"}\n'));
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.end();
      resolve(data.toString());
    });
  });
}

test("what was removed of the run directory is made again with its modes, and said", async (t) => {
  const { paths, files, reported } = await place(t);
  const { runDir, lock, socket, serviceLog } = paths;
  await files.mend();
  assert.deepEqual([files.problems, reported], [[], []]);
  for (const removed of [runDir, lock, socket, serviceLog]) {
    rmSync(removed, { recursive: true });
    await files.mend();
    assert.equal(await ask(socket), '{"ok":true}\n', removed);
    assert.equal(readFileSync(lock, "utf8"), `${process.pid}\n`);
    assert.throws(() => LockFile.take(paths), RunningError);
    assert.deepEqual(
      [runDir, lock, socket].map((path) => statSync(path).mode & 0o777),
      [0o700, 0o600, 0o600],
    );
    const last = reported.at(-1) ?? "";
    assert.match(last, /^somebody has removed files of the living service/);
    assert.ok(last.includes(removed), last);
    assert.deepEqual(files.problems, [last]);
    assert.ok(readFileSync(serviceLog, "utf8").endsWith(`${last}\n`));
  }
  assert.equal(reported.length, 4);
  files.forgetMended();
  await files.mend();
  assert.deepEqual(files.problems, []);
});

test("a run directory that cannot be made again is a problem with its cure, until it can", async (t) => {
  const { paths, files, reported } = await place(t);
  rmSync(paths.runDir, { recursive: true });
  writeFileSync(paths.runDir, "");
  await files.mend();
  await files.mend();
  assert.match(files.problems.join("\n"), /Cannot make .*run: EEXIST; it is tried again every/);
  assert.equal(reported.length, 1);
  rmSync(paths.runDir);
  await files.mend();
  assert.match(files.problems.join("\n"), /^somebody has removed .*control\.sock/);
  assert.equal(await ask(paths.socket), '{"ok":true}\n');
});

test("the lock is had by one, also while it is removed", async (t) => {
  const { paths, lock, files } = await place(t);
  rmSync(paths.lock);
  // a second service that starts just now
  const other = LockFile.take(paths);
  assert.equal(lock.retake(), false);
  rmSync(paths.socket);
  mkdirSync(paths.socket);
  await files.mend();
  assert.match(files.problems.join("\n"), /^the lock .* was removed, and another process has/);
  assert.ok(statSync(paths.socket).isDirectory(), "what another may have made is left");
  rmSync(paths.socket, { recursive: true });
  // it finds that this one lives
  other.release();
  await files.mend();
  assert.throws(() => LockFile.take(paths), RunningError);
  assert.equal(await ask(paths.socket), '{"ok":true}\n');
});
