/** The ring buffer on the running kernel: every record arrives once, in order, and the waiter wakes. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Assembler, R0, R1, R2, R3, R4, R6, R7, R8, R10 } from "../../src/bpf/asm/index.ts";
import {
  type BpfMap,
  loadProgram,
  openMap,
  type Program,
  type RecordHandler,
  RingBuffer,
  RingDrain,
} from "../../src/bpf/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";

after(assertNoObjects);

const SIZE = 1 << 20;
/** So small that it moves all the time. */
const WINDOW = 1 << 14;
/** Bytes of the numbered records, and what they take in the ring. */
const RECORD = 48;
const TAKEN = RECORD + 8;

/**
 * Sends args[0] records, numbered on from args[1]; every 16th is reserved and discarded again. Its result is the
 * number of records that found no room.
 */
function openSender(events: BpfMap): Program {
  const a = new Assembler("send");
  a.mov(R6, R1).load("u64", R7, R6, 8).store("u64", R10, -8, R7).store("u64", R10, -16, 0);
  a.load("u64", R1, R6, 0).loadFunction(R2, "send_one").mov(R3, R10).add(R3, -16).mov(R4, 0);
  a.call("bpf_loop").load("u64", R0, R10, -16).exit();

  a.function("send_one").mov(R6, R2).load("u64", R7, R6, 8).mov(R8, R1);
  a.loadMap(R1, "events").mov(R2, RECORD).mov(R3, 0).call("bpf_ringbuf_reserve");
  a.jump("ne", R0, 0, "room").load("u64", R1, R6, 0).add(R1, 1).store("u64", R6, 0, R1).return(0);
  a.label("room").and(R8, 15).jump("ne", R8, 15, "keep");
  a.mov(R1, R0).mov(R2, 0).call("bpf_ringbuf_discard").return(0);
  a.label("keep").store("u64", R0, 0, R7).add(R7, 1).store("u64", R6, 8, R7);
  a.mov(R1, R0).mov(R2, 0).call("bpf_ringbuf_submit").return(0);
  const spec = { name: "send", type: "raw_tracepoint", code: a.assemble() } as const;
  return loadProgram(spec, { maps: new Map([["events", events]]) });
}

/** Checks that numbers arrive without gap. */
function counting(): { handler: RecordHandler; readonly next: number } {
  const state = {
    next: 0,
    handler(memory: Uint8Array, offset: number, length: number): void {
      assert.equal(length, RECORD);
      const number = new DataView(memory.buffer, memory.byteOffset + offset, 8).getUint32(0, true);
      if (number !== state.next) assert.fail(`${number} came where ${state.next} was due`);
      state.next++;
    },
  };
  return state;
}

for (const kind of ["RingBuffer", "RingDrain"] as const) {
  test(`${kind} gets a million records`, (t) => {
    if (!needsKernel(t)) return;
    using events = openMap({ name: "events", type: "ringbuf", maxEntries: SIZE });
    using sender = openSender(events);
    using ring = RingBuffer.open(events, { windowBytes: WINDOW });
    const reader = kind === "RingBuffer" ? ring : new RingDrain(ring);
    const seen = counting();
    const batch = BigInt(Math.floor(SIZE / TAKEN));
    while (seen.next < 1_000_000) {
      const lost = sender.testRun({ context: [batch, BigInt(seen.next)] }).retval;
      assert.equal(lost, 0);
      reader.poll(seen.handler);
    }
    assert.equal(ring.pendingBytes, 0);
  });
}

test("RingDrain saves a burst that is longer than the ring", (t) => {
  if (!needsKernel(t)) return;
  using events = openMap({ name: "events", type: "ringbuf", maxEntries: SIZE });
  using sender = openSender(events);
  using ring = RingBuffer.open(events);
  const drain = new RingDrain(ring, { limitBytes: 8 * SIZE });
  const batch = 16_000;
  let sent = 0;
  for (let round = 0; round < 5; round++) {
    assert.equal(sender.testRun({ context: [BigInt(batch), BigInt(sent)] }).retval, 0);
    sent += batch - batch / 16;
    drain.fill();
  }
  const seen = counting();
  assert.equal(drain.poll(seen.handler), sent);
  drain.close();
  assert.equal(drain.dropped, 0);
});

test("a full ring is the sender's loss, counted there", (t) => {
  if (!needsKernel(t)) return;
  using events = openMap({ name: "events", type: "ringbuf", maxEntries: SIZE });
  using sender = openSender(events);
  using ring = RingBuffer.open(events);
  const tried = 100_000;
  const lost = sender.testRun({ context: [BigInt(tried), 0n] }).retval;
  const seen = counting();
  ring.poll(seen.handler);
  assert.ok(lost > 0);
  // of those that found room every 16th was discarded, and it took room as well
  const room = Math.floor((SIZE - 1) / TAKEN);
  assert.equal(lost, tried - room);
  assert.equal(seen.next, room - Math.floor(room / 16));
});

test("a ring that is mapped again continues where the last reader stopped", (t) => {
  if (!needsKernel(t)) return;
  using events = openMap({ name: "events", type: "ringbuf", maxEntries: SIZE });
  using sender = openSender(events);
  sender.testRun({ context: [10n, 0n] });
  const seen = counting();
  const first = RingBuffer.open(events);
  first.poll(seen.handler, 4);
  first.close();
  using second = RingBuffer.open(events);
  second.poll(seen.handler);
  assert.equal(seen.next, 10);
});

test("waitReadable() wakes for a record, and sleeps without one", async (t) => {
  if (!needsKernel(t)) return;
  using events = openMap({ name: "events", type: "ringbuf", maxEntries: SIZE });
  using sender = openSender(events);
  using ring = RingBuffer.open(events);
  const seen = counting();
  await ring.waitReadable(1); // the first time compiles
  const start = process.cpuUsage();
  assert.equal(await ring.waitReadable(500), false);
  const used = process.cpuUsage(start);
  assert.ok(used.user + used.system < 250_000, `${used.user + used.system} us of CPU while idle`);
  for (let n = 0; n < 20; n++) {
    const waiting = ring.waitReadable(10_000);
    setTimeout(() => sender.testRun({ context: [1n, BigInt(n)] }), 1);
    assert.equal(await waiting, true);
    assert.equal(ring.poll(seen.handler), 1);
  }
});

test("a reader that goes away leaves no mapping", (t) => {
  if (!needsKernel(t)) return;
  for (let n = 0; n < 50; n++) {
    using events = openMap({ name: "events", type: "ringbuf", maxEntries: SIZE });
    RingBuffer.open(events).close();
  }
  assertNoObjects();
});
