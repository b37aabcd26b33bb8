import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { keepLogSmall, openLog } from "./service-log.ts";

function place(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "sct-log-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const serviceLog = join(directory, "service.log");
  const old = `${serviceLog}.1`;
  return { paths: { serviceLog }, old, text: () => readFileSync(serviceLog, "utf8") };
}

const write = (fd: number | undefined, text: string): void => {
  writeSync(fd ?? -1, text);
};

test("openLog() appends, and reads what was written since", (t) => {
  const { paths, old, text } = place(t);
  const first = openLog(paths);
  write(first.fd, "one\n");
  const second = openLog(paths);
  write(second.fd, "two\n");
  assert.deepEqual([text(), second.read(), existsSync(old)], ["one\ntwo\n", "two\n", false]);
  write(second.fd, "x".repeat(5 << 20));
  const third = openLog(paths);
  write(third.fd, "three\n");
  assert.deepEqual([text(), third.read()], ["three\n", "three\n"]);
  assert.equal(statSync(old).size, 8 + (5 << 20));
  for (const log of [first, second, third]) log.close();
});

test("keepLogSmall() empties a log that is too large, and no other file", (t) => {
  const { paths, old, text } = place(t);
  const log = openLog(paths);
  write(log.fd, "small\n");
  keepLogSmall(paths, log.fd);
  assert.equal(text(), "small\n");
  write(log.fd, "x".repeat(5 << 20));
  keepLogSmall({ serviceLog: old }, log.fd);
  keepLogSmall(paths, log.fd);
  write(log.fd, "more\n");
  assert.equal(text(), "more\n");
  assert.equal(statSync(old).size, 6 + (5 << 20));
  log.close();
});
