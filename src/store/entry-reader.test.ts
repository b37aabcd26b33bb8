import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RingStream } from "../events/index.ts";
import { History } from "./history.ts";
import { generation, RING } from "./testing/records.ts";
import { directory, Stream } from "./testing/stream.ts";

const noise = (seq: number) => ({ path: hash("sha512", `${seq}`, "hex") });

test("EntryReader: append() says where its records lie, and they are read again from there", (t) => {
  const history = History.open(join(directory(t), "history.db"));
  t.after(() => history.close());
  history.setGenerations(RING, [generation(1, 0, "r")]);
  const stream = new Stream();
  const appended = [3, 2, 5000].flatMap((count) => {
    const append = stream.next(count);
    history.append(append);
    let at = 0;
    return history.placed.map(({ bytes, ...place }) => {
      at += bytes;
      return { ...place, bytes: append.bytes.subarray(at - bytes, at) };
    });
  });
  const read = history.access((entries) =>
    appended.map(({ entry, first, count }) => {
      const found = entries.next(entry);
      assert.equal(found?.id, entry);
      assert.equal(found.ringId, RING);
      assert.ok(found.count >= first + count);
      const records = new RingStream(entries.records(entry) ?? new Uint8Array(0));
      for (let n = 0; n < first; n++) records.next();
      const start = records.end;
      for (let n = 0; n < count; n++) records.next();
      return entries.records(entry)?.slice(start, records.end);
    }),
  );
  assert.deepEqual(
    appended.map(({ count }) => count),
    [3, 2, 4091, 909],
  );
  for (const [i, { bytes }] of appended.entries())
    assert.ok(Buffer.from(read?.[i] ?? []).equals(bytes), `placement ${i}`);
});

test("EntryReader: a watcher is notified before an entry is deleted, and when the file is another", (t) => {
  const file = join(directory(t), "history.db");
  const history = History.open(file, { maxBytes: 4 << 20 });
  t.after(() => history.close());
  const deleted: number[] = [];
  let begun = 0;
  history.watch({
    onDelete(id, entries) {
      assert.equal(entries.next(id)?.id, id);
      assert.ok((entries.records(id)?.length ?? 0) > 0);
      deleted.push(id);
    },
    onBegin: () => begun++,
  });
  history.setGenerations(RING, [generation(1, 0, "r")]);
  const stream = new Stream();
  for (let n = 0; n < 60; n++) history.append(stream.next(2000, noise));
  assert.ok(deleted.length > 0);
  assert.deepEqual(
    deleted,
    deleted.map((_, i) => i + 1),
  );
  rmSync(file);
  history.maintain();
  assert.equal(begun, 1);
});
