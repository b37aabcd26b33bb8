import assert from "node:assert/strict";
import { test } from "node:test";
import { Backlog } from "./backlog.ts";
import { Feed } from "./feed.ts";
import type { EventRun, Range, Storage } from "./run.ts";
import { outputEvents, runOf } from "./testing/events.ts";

const NO_LIMITS = { bytes: Number.POSITIVE_INFINITY, count: Number.POSITIVE_INFINITY };
const PER_ENTRY = 10;

/** Entries of ten numbered events each, from entry 1 on. */
class Entries implements Storage {
  /** What it keeps of entries that were read. */
  size = 0;
  readonly deleted = new Set<number>();
  isAway = false;
  last = 0;

  add(): EventRun {
    this.last++;
    return this.#run(this.last, 0, PER_ENTRY);
  }

  trim(bytes: number): void {
    this.size = Math.max(0, this.size - bytes);
  }

  load({ from, to }: Range): EventRun | "none" | "later" {
    if (this.isAway) return "later";
    for (let entry = from.entry; entry <= Math.min(to.entry, this.last); entry++) {
      const first = entry === from.entry ? from.first : 0;
      const end = entry === to.entry ? to.first : PER_ENTRY;
      if (!this.deleted.has(entry) && first < end) return this.#run(entry, first, end);
    }
    return "none";
  }

  #run(entry: number, first: number, end: number): EventRun {
    const events = outputEvents(end - first, (entry - 1) * PER_ENTRY + first + 1);
    return runOf(events, { entry, first });
  }
}

function open(limit: number, storage?: Storage) {
  const feed = new Feed(limit, storage);
  const join = (): Backlog => {
    const backlog = new Backlog(feed, () => true, NO_LIMITS);
    feed.join(backlog);
    return backlog;
  };
  return { feed, join };
}

/** Numbers of all events that wait, and negative ones for losses. */
function drain(backlog: Backlog): (number | undefined)[] {
  const taken: (number | undefined)[] = [];
  for (let head = backlog.head(); head !== undefined; head = backlog.head()) {
    assert.notEqual(head, "later");
    if (typeof head === "string") break;
    if (head.kind === "loss") taken.push(-head.tally.total);
    else {
      for (let i = head.from; i < head.to; i++) taken.push(head.run.event(i).event.seq);
      backlog.done(head.to - head.from, ((head.to - head.from) * head.run.bytes) / head.run.count);
    }
    backlog.shift();
  }
  return taken;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test("Feed: an output that is behind gets everything that is stored, however little memory there is", () => {
  const entries = new Entries();
  const { feed, join } = open(5000, entries);
  const [behind, quick] = [join(), join()];
  let got = 0;
  for (let n = 0; n < 500; n++) {
    feed.append(entries.add());
    got += drain(quick).length;
    assert.ok(feed.used <= 5000, `${feed.used} bytes`);
  }
  assert.equal(got, 5000);
  assert.equal(behind.events, 5000);
  assert.deepEqual(drain(behind), upTo(5000));
  assert.deepEqual([behind.events, behind.bytes, behind.lost, feed.used], [0, 0, 0, 0]);
});

test("Feed: what nothing stores is lost to the output that is behind, counted in its place, and to no other", () => {
  const { feed, join } = open(5000);
  const [behind, quick] = [join(), join()];
  const got: (number | undefined)[] = [];
  for (let n = 0; n < 50; n++) {
    feed.append(runOf(outputEvents(10, n * 10 + 1)));
    got.push(...drain(quick));
  }
  assert.deepEqual(got, upTo(500));
  const [gap = 0, ...rest] = drain(behind);
  assert.ok((gap ?? 0) < 0);
  assert.deepEqual(rest, upTo(500).slice(-(gap ?? 0)));
  assert.deepEqual([behind.lost, quick.lost, behind.events], [-(gap ?? 0), 0, 0]);
});

test("Feed: what is kept of entries that were read is given back before anything that nothing stores is lost", () => {
  const entries = new Entries();
  const { feed, join } = open(20_000, entries);
  const behind = join();
  feed.append(runOf(outputEvents(10, 1)));
  const waiting = feed.used;
  entries.size = 20_000 - waiting + 1000;
  feed.balance();
  assert.deepEqual([feed.used, feed.memory.waiting, behind.lost], [20_000, waiting, 0]);
  assert.deepEqual(drain(behind), upTo(10));
});

test("Feed: what the storage deletes before an output came to it is lost to it, per rule", () => {
  const entries = new Entries();
  const { feed, join } = open(1, entries);
  const behind = join();
  for (let n = 0; n < 30; n++) feed.append(entries.add());
  for (const entry of [1, 2, 3]) {
    feed.forget(entry, entries);
    entries.deleted.add(entry);
  }
  assert.deepEqual([behind.lost, behind.events], [30, 270]);
  const head = behind.head();
  assert.ok(typeof head === "object" && head.kind === "loss");
  assert.deepEqual(head.tally.rules, { unlink_rule1: 30 });
  assert.deepEqual(drain(behind), [-30, ...upTo(300).slice(30)]);
  assert.equal(behind.events, 0);
});

test("Feed: an entry that is damaged is counted when the output comes to the end of the range", () => {
  const entries = new Entries();
  const { feed, join } = open(1, entries);
  const behind = join();
  for (let n = 0; n < 5; n++) feed.append(entries.add());
  entries.deleted.add(2).add(5);
  assert.deepEqual(drain(behind), [...upTo(10), ...upTo(40).slice(20), -20]);
  assert.deepEqual([behind.lost, behind.events], [20, 0]);
});

test("Feed: storage that cannot be read at present costs nothing; storage that is gone costs what was in it", () => {
  const entries = new Entries();
  const { feed, join } = open(1, entries);
  const behind = join();
  for (let n = 0; n < 5; n++) feed.append(entries.add());
  entries.isAway = true;
  assert.equal(behind.head(), "later");
  assert.deepEqual([behind.lost, behind.events], [0, 50]);
  feed.forgetAll();
  assert.deepEqual(drain(behind), [-50]);
  assert.deepEqual([behind.lost, behind.events], [50, 0]);
});

test("Backlog: what waits goes to a successor, without a loss, and as ranges to another process", () => {
  const entries = new Entries();
  const { feed, join } = open(2500, entries);
  const first = join();
  for (let n = 0; n < 20; n++) feed.append(entries.add());
  const ranges = first.rangesWith([]);
  const second = join();
  first.close();
  first.moveTo(second, true);
  feed.append(entries.add());
  assert.equal(second.events, 210);
  assert.deepEqual(drain(second), upTo(210));
  const other = open(2500, entries).join();
  for (const range of ranges) other.addStored(range);
  assert.equal(other.events, 200);
  assert.deepEqual(drain(other), upTo(200));
});
