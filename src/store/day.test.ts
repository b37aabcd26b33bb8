import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { History } from "./history.ts";
import { HistoryReader } from "./history-reader.ts";
import { Selection } from "./selection.ts";
import { Day } from "./testing/day.ts";
import { BOOT_OFFSET_NS, generation, RING, ringBytes } from "./testing/records.ts";
import { directory } from "./testing/stream.ts";

const CHUNKS = 122;

test("half a million events cost little memory and room, and one path is found in few batches", async (t) => {
  const file = join(directory(t), "history.db");
  const maxBytes = 64 << 20;
  const history = History.open(file, { maxBytes });
  history.setGenerations(RING, [generation(1, 0, "first", "second", "third")]);
  const day = new Day();
  const rare = ringBytes([{ seq: 1, path: "/etc/inetd.conf" }]);
  const baseRss = process.memoryUsage.rss();
  let peakRss = 0;
  let position = 0;
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    day.fill(chunk * Day.count + 1);
    for (const bytes of chunk === 60 ? [day.bytes, rare] : [day.bytes]) {
      position += bytes.length;
      assert.ok(history.append({ bytes, ringId: RING, position, bootOffsetNs: BOOT_OFFSET_NS }));
    }
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { bytes, storedEvents } = history.counters();
  history.close();
  assert.equal(storedEvents, CHUNKS * Day.count + 1);
  assert.ok(peakRss - baseRss < 48 << 20, `${(peakRss - baseRss) >> 20} MiB`);
  assert.ok(bytes / storedEvents < 40 && bytes < maxBytes, `${bytes / storedEvents} bytes`);
  const reader = HistoryReader.open(file);
  const selection = new Selection({ rules: [], pids: [], comms: [], paths: ["/etc/inetd.conf"] });
  const found = [...reader.entries(selection, 0)].length;
  reader.close();
  assert.ok(found >= 1 && found <= 3, `${found} batches`);
});
