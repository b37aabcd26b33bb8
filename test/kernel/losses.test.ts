/** Every match is accounted for: delivered with a number of its own, or counted as lost. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { RecordSink } from "../../src/engines/engine.ts";
import { LossTracker, RecordReader } from "../../src/events/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { open, pump, run, USER, workplace } from "./watching.ts";

after(assertNoObjects);

const CALLS = Number(process.env["SCT_LOSS_CALLS"] ?? 3_000_000);
const GETPPID = "110";

const rule = (name: string, more = ""): string =>
  `rule { rule_name = ${name} syscall_name = getppid ${more}
    filter_expression { UID == ${USER} && COMM == "calls64" } action { type = LOG } }\n`;

/** Reads nothing but the number of each event. */
class Numbers implements RecordSink {
  readonly tracker = new LossTracker();
  count = 0;
  last = 0;
  twice = 0;
  private readonly reader = new RecordReader();
  private readonly seen: Uint8Array;

  constructor(size: number) {
    this.seen = new Uint8Array(size);
  }

  record(memory: Uint8Array, offset: number, length: number): void {
    this.reader.open(memory, offset, length);
    const { seq } = this.reader;
    this.count++;
    this.last = Math.max(this.last, seq);
    if (this.seen[seq] === 1) this.twice++;
    this.seen[seq] = 1;
    this.tracker.add(seq);
  }

  /** Numbers from 1 to the last that did not come. */
  get gaps(): number {
    return this.last - this.seen.reduce((sum, one) => sum + one, 0);
  }
}

/** Together they fit into the ring, however slow the reader is just then. */
const BURST = 100_000;

test(`${CALLS} matched calls, as fast as they come: none is lost`, async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const numbers = new Numbers(CALLS + 2);
  const engine = open(rule("all"));
  const start = performance.now();
  await pump(engine, numbers, async () => {
    for (let made = 0; made < CALLS; ) {
      const burst = Math.min(BURST, CALLS - made);
      made += burst;
      await run([calls64, "loop", String(burst), GETPPID]);
      while (numbers.count < made - BURST) await setImmediate();
    }
  });
  t.diagnostic(`${((performance.now() - start) / 1000).toFixed(1)} s`);
  const { rules, readerDropped, recursionMisses } = engine.counters();
  assert.deepEqual(rules[0], {
    rule: "all",
    matched: CALLS,
    delivered: CALLS,
    limited: 0,
    dropped: 0,
    unreadable: 0,
    missed: 0,
    skipped: 0,
    time: { ownNs: 0, sharedNs: 0 },
  });
  assert.deepEqual([readerDropped, recursionMisses], [0, 0]);
  assert.deepEqual(
    [numbers.count, numbers.last, numbers.twice, numbers.gaps],
    [CALLS, CALLS, 0, 0],
  );
  assert.equal(numbers.tracker.finish(), 0);
});

test("a ring that is too small loses, and says exactly how many", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const calls = 100_000;
  const numbers = new Numbers(2 * calls + 2);
  const engine = open(rule("first", "continue = yes") + rule("second"), { ringBytes: 4096 * 16 });
  // nobody reads while the calls are made: the ring must overflow
  await run([calls64, "loop", String(calls), GETPPID]);
  engine.close(numbers);
  const counters = engine.counters();
  const total = (name: "matched" | "delivered" | "dropped"): number =>
    counters.rules.reduce((sum, one) => sum + one[name], 0);
  for (const { matched, delivered, dropped } of counters.rules) {
    assert.equal(matched, calls);
    assert.equal(delivered + dropped, matched);
    assert.ok(delivered > 0 && dropped > 0);
  }
  assert.equal(numbers.count, total("delivered"));
  assert.equal(numbers.twice, 0);
  // every number up to the last that was given out is either here or a loss
  assert.equal(numbers.tracker.finish(total("matched")), total("dropped"));
});

test("gaps in the numbers are what was dropped, while somebody reads", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const calls = 200_000;
  const numbers = new Numbers(calls + 2);
  const engine = open(rule("all"), { ringBytes: 4096 * 16 });
  await pump(engine, numbers, () => run([calls64, "loop", String(calls), GETPPID]));
  const { rules, readerDropped } = engine.counters();
  const [all] = rules;
  assert.ok(all);
  assert.equal(all.matched, calls);
  assert.equal(all.delivered + all.dropped, calls);
  assert.equal(numbers.count, all.delivered);
  assert.equal(numbers.gaps + (calls - numbers.last), all.dropped);
  assert.equal(readerDropped, 0);
  t.diagnostic(`${all.dropped} of ${calls} dropped`);
});

test("a backlog at its limit leaves events in the ring; none is lost between the two", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const calls = 50_000;
  const numbers = new Numbers(calls + 2);
  const engine = open(rule("all"), { backlogBytes: 1 << 20 });
  await run([calls64, "loop", String(calls), GETPPID]);
  engine.close(numbers);
  assert.equal(numbers.count, calls);
  assert.equal(engine.counters().readerDropped, 0);
});

test("what nobody takes at the end is counted", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const engine = open(rule("all"));
  await run([calls64, "loop", "1000", GETPPID]);
  engine.close();
  const { rules, readerDropped } = engine.counters();
  assert.deepEqual([rules[0]?.delivered, readerDropped], [1000, 1000]);
});
