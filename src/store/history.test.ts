import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { History } from "./history.ts";
import { HistoryReader } from "./history-reader.ts";
import { Selection } from "./selection.ts";
import { generation, RING } from "./testing/records.ts";
import { directory, Stream, storedSeqs, upTo } from "./testing/stream.ts";

const undecodable = (history: History): readonly number[] => {
  const { damagedEvents, unknownEvents } = history.counters();
  return [damagedEvents, unknownEvents];
};

test("append() stores each event once, in order, over reopening", (t) => {
  const file = join(directory(t), "history.db");
  const stream = new Stream();
  for (let round = 0; round < 5; round++) {
    const history = History.open(file);
    history.setGenerations(RING, [generation(1, 0, "r")]);
    assert.equal(history.position(RING) ?? 0, stream.position);
    for (const count of [1, 1, 10, 5000, 3]) assert.ok(history.append(stream.next(count)));
    assert.equal(history.counters().storedEvents, 5015);
    assert.deepEqual(undecodable(history), [0, 0]);
    history.close();
  }
  assert.deepEqual(storedSeqs(file), upTo(5 * 5015));
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("append() leaves out what it stored before", (t) => {
  const file = join(directory(t), "history.db");
  const stream = new Stream();
  const history = History.open(file);
  const first = stream.next(10);
  const second = stream.next(5);
  history.append(first);
  history.append(first);
  history.append(second);
  history.append(first);
  history.close();
  assert.deepEqual(storedSeqs(file), upTo(15));
});

test("append() lets a row grow while few events come", (t) => {
  const file = join(directory(t), "history.db");
  const stream = new Stream();
  const history = History.open(file);
  for (let n = 0; n < 1000; n++) history.append(stream.next(1));
  history.close();
  assert.deepEqual(storedSeqs(file), upTo(1000));
  const db = new DatabaseSync(file, { readOnly: true });
  assert.ok(Number(db.prepare("SELECT count(*) AS n FROM batch").get()?.["n"]) < 20);
  db.close();
});

test("append() keeps the file within its size and drops the oldest first", (t) => {
  const file = join(directory(t), "history.db");
  const stream = new Stream();
  const maxBytes = 8 << 20;
  const history = History.open(file, { maxBytes });
  const noise = (seq: number) => ({ path: hash("sha512", `${seq}`, "hex") });
  let largest = 0;
  for (let n = 0; n < 60; n++) {
    assert.ok(history.append(stream.next(2000, noise)));
    largest = Math.max(largest, history.counters().bytes);
  }
  history.close();
  assert.ok(largest <= maxBytes, `${largest}`);
  const seqs = storedSeqs(file);
  assert.equal(seqs.at(-1), 120_000);
  assert.ok(seqs.length > 10_000 && seqs.length < 120_000, `${seqs.length}`);
  assert.deepEqual(seqs, upTo(120_000).slice(-seqs.length));
  // a smaller limit takes effect on the file that is there
  const smaller = History.open(file, { maxBytes: 4 << 20 });
  for (let n = 0; n < 200; n++) smaller.maintain();
  smaller.close();
  assert.ok(statSync(file).size <= 4 << 20, `${statSync(file).size}`);
});

test("open() moves a damaged file aside and begins a new one", (t) => {
  const path = directory(t);
  const file = join(path, "history.db");
  for (const damage of ["this is no database".repeat(500), "\0".repeat(5000)]) {
    writeFileSync(file, damage);
    const notices: string[] = [];
    const history = History.open(file, { onNotice: (line) => notices.push(line) });
    const stream = new Stream();
    assert.ok(history.append(stream.next(3)));
    history.close();
    assert.match(notices.join("\n"), /^history is damaged \(.*\): moved to .*damaged-2.*begun$/);
    assert.deepEqual(storedSeqs(file), [1, 2, 3]);
  }
  assert.equal(readdirSync(path).filter((name) => /\.damaged-.*Z$/.test(name)).length, 2);
});

test("append() begins again when the file is damaged while it is open", (t) => {
  const path = directory(t);
  const file = join(path, "history.db");
  const notices: string[] = [];
  const history = History.open(file, { onNotice: (line) => notices.push(line) });
  const stream = new Stream();
  history.setGenerations(RING, [generation(1, 0, "r")]);
  history.append(stream.next(3000));
  history.close();
  // pages behind the first: the header still says that all is well
  const size = statSync(file).size;
  writeFileSync(file, Buffer.alloc(size - 8192, 0xa5), { flag: "r+" });
  const db = Buffer.alloc(8192, 0xa5);
  writeFileSync(file, db, { flag: "r+" });
  const again = History.open(file, { onNotice: (line) => notices.push(line) });
  again.setGenerations(RING, [generation(1, 0, "r")]);
  assert.ok(again.append(stream.next(7)));
  again.close();
  assert.match(notices.join("\n"), /damaged/);
  assert.deepEqual(storedSeqs(file), upTo(3007).slice(3000));
});

test("counters() has events that nobody can read, by what they lack", (t) => {
  const file = join(directory(t), "history.db");
  const stream = new Stream();
  const history = History.open(file);
  history.setGenerations(RING, [generation(1, 0, "r"), generation(2, 1)]);
  history.append(stream.next(3, () => ({ site: 0 })));
  assert.deepEqual(undecodable(history), [0, 0]);
  history.append(stream.next(2, () => ({ site: 1 })));
  const { bytes, ...place } = stream.next(4);
  // records that end within their own header
  for (let at = 0; at < bytes.length; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const size = (view.getUint32(0, true) + 8 + 7) & ~7;
    view.setUint32(0, size - 8, true);
    bytes.fill(0xff, at + 8, at + size);
    at += size;
  }
  history.append({ bytes, ...place });
  assert.deepEqual(undecodable(history), [4, 2]);
  history.close();
});

test("events of a rule set that only the file knows are readable, and found by their rule", (t) => {
  const file = join(directory(t), "history.db");
  const stream = new Stream();
  const first = History.open(file);
  first.setGenerations(RING, [generation(1, 0, "known")]);
  first.append(stream.next(2));
  first.close();
  // what it wrote of its rules for the next service is gone
  const second = History.open(file);
  second.append(stream.next(3));
  second.append(stream.next(1, () => ({ site: 5 })));
  assert.deepEqual(undecodable(second), [0, 1]);
  second.close();
  const reader = HistoryReader.open(file);
  const selection = new Selection({ rules: ["known"], pids: [], comms: [], paths: [] });
  const found = [...reader.entries(selection, 0)].map(({ count }) => count);
  assert.deepEqual(found, [2, 4]);
  reader.close();
});

test("setGenerations() leaves the events of a rule set theirs where another comes with its numbers", (t) => {
  const file = join(directory(t), "history.db");
  const stream = new Stream();
  for (const [number, rule] of ["first", "second"].entries()) {
    const history = History.open(file);
    history.setGenerations(RING, [generation(number, 0, rule)]);
    history.append(stream.next(3));
    assert.deepEqual(undecodable(history), number === 0 ? [0, 0] : [0, 3]);
    history.close();
  }
});

for (const how of ["deleted", "replaced"]) {
  test(`maintain() begins again when the file was ${how} while it is open, and reports it once`, (t) => {
    const file = join(directory(t), "history.db");
    const notices: string[] = [];
    const history = History.open(file, { onNotice: (line) => notices.push(line) });
    const stream = new Stream();
    history.setGenerations(RING, [generation(1, 0, "r")]);
    history.append(stream.next(3000));
    history.maintain();
    assert.deepEqual(notices, []);
    // the log with what was stored last may stay or go
    if (how === "deleted") rmSync(file);
    else {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
      writeFileSync(`${file}.new`, "");
      renameSync(`${file}.new`, file);
    }
    history.maintain();
    assert.ok(history.append(stream.next(7)));
    history.maintain();
    assert.ok(history.append(stream.next(2)));
    history.close();
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? "", /history\.db was removed/);
    assert.deepEqual(storedSeqs(file), upTo(3009).slice(3000));
  });
}
