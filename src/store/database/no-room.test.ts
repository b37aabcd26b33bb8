/** A file system that is full, and then has room again. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Note, Report } from "../contract.ts";
import { History } from "../history.ts";
import { HistoryReader } from "../history-reader.ts";
import { Selection } from "../selection.ts";
import { generation, RING } from "../testing/records.ts";
import { directory, Stream, storedSeqs } from "../testing/stream.ts";

const noise = (seq: number) => ({ path: `/${hash("sha512", `${seq}`, "hex")}` });

/** A small file system of its own; undefined where that is not permitted. */
function mountTmpfs(t: { after(cleanup: () => void): void }, options: string): string | undefined {
  const path = mkdtempSync(join(tmpdir(), "sct-history-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]).status === 0;
  t.after(() => {
    if (mounted) execFileSync("umount", ["-l", path]);
    rmdirSync(path);
  });
  return mounted ? path : undefined;
}

/** Storing is tried again after a pause. */
async function until(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 1000 && !condition(); n++) await sleep(50);
  assert.ok(condition());
}

function reportsIn(file: string): Report[] {
  const reader = HistoryReader.open(file);
  try {
    const selection = new Selection({ rules: [], pids: [], comms: [], paths: [] });
    return [...reader.entries(selection, 0)].flatMap(({ report }) => report ?? []);
  } finally {
    reader.close();
  }
}

test("a full disk costs the events that have no room, counted, and nothing else", async (t) => {
  const path = mountTmpfs(t, "size=6m");
  if (path === undefined) return t.skip("tmpfs cannot be mounted here");
  const file = join(path, "history.db");
  const ballast = join(path, "ballast");
  const notices: string[] = [];
  const history = History.open(file, {
    maxBytes: 1 << 30,
    onNotice: (line) => notices.push(line),
  });
  history.setGenerations(RING, [generation(1, 0, "r")]);
  const stream = new Stream();
  history.append(stream.next(1000));
  writeFileSync(ballast, Buffer.alloc(3 << 20));
  let stored = 1000;
  let lost = 0;
  for (let n = 0; n < 40; n++) {
    if (history.append(stream.next(1000, noise))) stored += 1000;
    else lost += 1000;
  }
  assert.ok(lost > 0 && stored > 1000);
  assert.equal(history.counters().notStoredEvents, lost);
  assert.equal(history.counters().problem, "the disk is full");
  assert.deepEqual(notices, ["history cannot be stored: the disk is full"]);
  history.append({ ...stream.next(0), reportedLosses: "with the loss" });
  assert.equal(history.reportedLosses(RING), "with the loss");

  rmSync(ballast);
  await until(() => {
    const isStored = history.append(stream.next(10));
    if (isStored) stored += 10;
    else lost += 10;
    return isStored;
  });
  assert.equal(history.reportedLosses(RING), "with the loss");
  history.close();
  assert.match(notices.at(-1) ?? "", /^history is stored again; \d+ events were not$/);
  assert.equal(storedSeqs(file).length, stored);
  assert.equal(new Set(storedSeqs(file)).size, stored);
  const reports = reportsIn(file);
  assert.equal(reports.length, 1);
  assert.deepEqual(
    { ...reports[0], atMs: 0 },
    { kind: "loss", total: lost, rules: { r: lost }, where: "history", atMs: 0 },
  );
});

test("what was not stored is reported once by the history that has room, after an end or a kill", (t) => {
  const path = mountTmpfs(t, "size=6m");
  if (path === undefined) return t.skip("tmpfs cannot be mounted here");
  const file = join(path, "history.db");
  const ballast = join(path, "ballast");
  const pendingFile = join(directory(t), "not-stored.json");
  const open = () => {
    const history = History.open(file, { pendingFile });
    history.setGenerations(RING, [generation(1, 0, "r")]);
    return history;
  };
  const stream = new Stream();
  const first = open();
  assert.ok(first.append(stream.next(10)));
  writeFileSync(ballast, Buffer.alloc(5 << 20));
  let lost = 0;
  for (let n = 0; n < 20; n++) if (!first.append(stream.next(1000, noise))) lost += 1000;
  first.append({ ...stream.next(0), reportedLosses: "with the loss" });
  const counted = first.position(RING);
  assert.ok(lost > 0);
  first.close();

  // with the disk as full as before, and killed: it writes at once what it counts first
  const second = open();
  assert.equal(second.position(RING), counted);
  assert.equal(second.reportedLosses(RING), "with the loss");
  const more = stream.next(1000, noise);
  assert.equal(second.append(more), false);
  assert.equal(JSON.parse(readFileSync(pendingFile, "utf8")).reports[0].total, lost + 1000);

  rmSync(ballast);
  const third = open();
  assert.equal(third.position(RING), more.position);
  third.maintain();
  assert.ok(third.append(stream.next(1)));
  third.close();
  assert.equal(readFileSync(pendingFile, "utf8"), "");
  const reports = reportsIn(file).map(({ atMs: _, ...report }) => report);
  const total = lost + 1000;
  assert.deepEqual(reports, [{ kind: "loss", total, rules: { r: total }, where: "history" }]);

  const fourth = open();
  fourth.maintain();
  assert.equal(fourth.reportedLosses(RING), "with the loss");
  fourth.close();
  assert.equal(reportsIn(file).length, 1);
});

test("what was not stored is in the note at once, where no disk has room, and counts before the file", (t) => {
  const path = mountTmpfs(t, "size=6m");
  if (path === undefined) return t.skip("tmpfs cannot be mounted here");
  const file = join(path, "history.db");
  const pendingFile = join(path, "not-stored.json");
  let text: string | undefined;
  let room = 1 << 16;
  const pendingNote: Note = {
    read: () => text,
    write: (added) => {
      if (added.length > room) return false;
      text = added;
      return true;
    },
  };
  const open = () => {
    const history = History.open(file, { pendingFile, pendingNote });
    history.setGenerations(RING, [generation(1, 0, "r")]);
    return history;
  };
  const stream = new Stream();
  const first = open();
  const ballast = join(path, "ballast");
  assert.throws(() => writeFileSync(ballast, Buffer.alloc(8 << 20)), { code: "ENOSPC" });
  let lost = 0;
  for (let n = 0; n < 20; n++) if (!first.append(stream.next(1000, noise))) lost += 1000;
  assert.ok(lost > 0);
  // killed now
  const second = open();
  assert.equal(second.position(RING), stream.position);
  assert.ok(!second.append(stream.next(1000, noise)));
  lost += 1000;
  // what is too long without the rules' names is written without them
  room = (text?.length ?? 0) - 5;
  assert.ok(!second.append(stream.next(1000, noise)));
  lost += 1000;
  assert.ok(second.close() >= 0);

  rmSync(ballast);
  const third = open();
  third.maintain();
  const reports = reportsIn(file).map(({ atMs: _, ...report }) => report);
  assert.deepEqual(reports, [{ kind: "loss", total: lost, rules: {}, where: "history" }]);
  assert.equal(text, "");
  assert.equal(third.close(), 0);
  // it says that nothing is untold, whatever an old file says
  writeFileSync(pendingFile, '{"reports":[{"kind":"loss","total":1,"rules":{}}],"place":{}}\n');
  const fourth = open();
  fourth.maintain();
  fourth.close();
  assert.equal(reportsIn(file).length, 1);
});

test("what was not stored for lack of descriptors is written all the same", (t) => {
  const path = directory(t);
  const pendingFile = join(path, "not-stored.json");
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    import { openSync } from "node:fs";
    import { History } from ${module("../history.ts")};
    import { generation, RING } from ${module("../testing/records.ts")};
    import { Stream } from ${module("../testing/stream.ts")};
    const history = History.open(${JSON.stringify(join(path, "later/history.db"))}, {
      pendingFile: ${JSON.stringify(pendingFile)},
    });
    history.setGenerations(RING, [generation(1, 0, "r")]);
    try { for (;;) openSync("/dev/null"); } catch {}
    history.append(new Stream().next(7));
    process.kill(process.pid, "SIGKILL");`;
  const node = [process.execPath, "--input-type=module", "-e", program];
  const { signal, stderr } = spawnSync("prlimit", ["--nofile=64", ...node], { encoding: "utf8" });
  assert.equal(signal, "SIGKILL", stderr);
  assert.equal(JSON.parse(readFileSync(pendingFile, "utf8")).reports[0].total, 7);
  writeFileSync(pendingFile, `${readFileSync(pendingFile, "utf8")}rest of a longer line`);
  const file = join(path, "history.db");
  const history = History.open(file, { pendingFile });
  history.maintain();
  history.close();
  assert.deepEqual(reportsIn(file)[0]?.rules, { r: 7 });
  for (const damaged of ['{"repor', "null\n", '{"reports":1}\n']) {
    writeFileSync(pendingFile, damaged);
    History.open(file, { pendingFile }).close();
  }
  assert.equal(reportsIn(file).length, 1);
});

test("a directory that cannot be written is reported and survived", async (t) => {
  const path = mountTmpfs(t, "mode=700");
  if (path === undefined) return t.skip("tmpfs cannot be mounted here");
  execFileSync("mount", ["-o", "remount,ro", path]);
  const notices: string[] = [];
  const file = join(path, "history.db");
  const history = History.open(file, { onNotice: (line) => notices.push(line) });
  history.setGenerations(RING, [generation(1, 0, "r")]);
  const stream = new Stream();
  assert.equal(history.append(stream.next(5)), false);
  assert.equal(history.counters().notStoredEvents, 5);
  assert.equal(notices.length, 1);
  execFileSync("mount", ["-o", "remount,rw", path]);
  await until(() => history.append(stream.next(1)));
  history.close();
  assert.ok(storedSeqs(file).length >= 1);
  // and the other way round: a history on a file system that became read-only can be read
  execFileSync("mount", ["-o", "remount,ro", path]);
  const reader = HistoryReader.open(file);
  assert.ok(reader.last.id > 0);
  reader.close();
});
