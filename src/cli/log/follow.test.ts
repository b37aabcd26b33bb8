/** `sct log -f` as a process, on histories that are being written. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Instance } from "./testing/instance.ts";

test("sct log -f continues with what comes, over restarts and a new file", async (t) => {
  const instance = new Instance(t);
  const first = instance.open();
  for (let n = 0; n < 30; n++) instance.append(first, 0, `./${n}`);
  const followed = instance.follow(t, "-n", "2");
  assert.deepEqual(await followed.lines(2), ['"rm" : "./28"', '"rm" : "./29"']);
  instance.append(first, 0, "./live");
  assert.equal((await followed.lines(3)).at(-1), '"rm" : "./live"');
  first.close();
  const second = instance.open();
  instance.append(second, 1, "./again");
  assert.equal((await followed.lines(4)).at(-1), '"rm" : "./again"');
  second.close();
  for (const suffix of ["", "-wal", "-shm"])
    try {
      renameSync(instance.file + suffix, `${instance.file}.aside${suffix}`);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ENOENT");
    }
  const third = instance.open();
  instance.append(third, 0, "./new file");
  assert.equal((await followed.lines(5)).at(-1), '"rm" : "./new file"');
  third.close();
  const exit = once(followed.child, "exit");
  followed.child.kill("SIGINT");
  assert.deepEqual(await exit, [0, null]);
  assert.equal((await followed.lines(5)).length, 5);
});

test("sct log -f reports damage and continues with the file that the service begins", async (t) => {
  const instance = new Instance(t);
  const first = instance.open();
  instance.append(first, 0, "./a", 3000);
  first.close();
  const followed = instance.follow(t, "-n", "1");
  await followed.lines(1);
  const second = instance.open();
  const bytes = readFileSync(instance.file);
  writeFileSync(instance.file, bytes.fill("garbage ", 0, bytes.length));
  await followed.notice(/waiting for a new one\n$/);
  second.close();
  // the service finds it and begins a new one
  const third = instance.open();
  instance.append(third, 1, "./new file");
  assert.equal((await followed.lines(2)).at(-1), '"rm" : "./new file"');
  third.close();
  const exit = once(followed.child, "exit");
  followed.child.kill("SIGINT");
  assert.deepEqual(await exit, [0, null]);
});

test("sct log -f waits for a history", async (t) => {
  const instance = new Instance(t);
  const followed = instance.follow(t);
  const history = instance.open();
  instance.append(history, 0, "./a");
  assert.deepEqual(await followed.lines(1), ['"rm" : "./a"']);
  history.close();
});
