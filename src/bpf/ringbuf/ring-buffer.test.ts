import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { NR } from "../../sys/index.ts";
import { replaceKernel } from "../../sys/kernel.ts";
import { FakeKernel } from "../../sys/testing/fake-kernel.ts";
import { openMap } from "../map/map.ts";
import { RingBuffer } from "./ring-buffer.ts";
import { RingDrain } from "./ring-drain.ts";

const SIZE = 4096;
const BUSY = 0x80000000;
const DISCARD = 0x40000000;

/** A ring in ordinary memory; both copies of the data are written, as the double mapping would show it. */
class FakeRing {
  readonly fake = new FakeKernel();
  readonly ring: RingBuffer;
  readonly #restore: () => void;
  #consumer = 0;
  #producer = 0;
  #data = 0;
  #written = 0;

  readonly #size: number;

  constructor(size = SIZE, latencyMs?: number) {
    this.#size = size;
    this.#restore = replaceKernel(this.fake);
    this.fake.on("bpf", () => this.fake.openFd());
    this.fake.on("mmap", ([, length = 0, , , , offset = 0]) => {
      const address = this.fake.allocate(length);
      if (offset === 0) this.#consumer = address;
      else if (offset === 4096) this.#producer = address;
      else this.#data = address;
      return address;
    });
    this.fake.on("munmap", ([address = 0]) => {
      this.fake.free(address);
      return 0;
    });
    this.ring = RingBuffer.open(openMap({ name: "r", type: "ringbuf", maxEntries: size }), {
      windowBytes: size,
      latencyMs,
    });
  }

  /** Appends a record; returns the position of its header. */
  send(text: string, flags = 0): number {
    const data = new TextEncoder().encode(text);
    const at = this.#written;
    this.mark(at, (data.length | flags) >>> 0);
    for (const [n, byte] of data.entries()) this.#poke((at + 8 + n) % this.#size, byte);
    this.#written += (data.length + 15) & ~7;
    this.#pages(this.#producer).setBigUint64(0, BigInt(this.#written), true);
    return at;
  }

  mark(at: number, header: number): void {
    for (let n = 0; n < 4; n++) this.#poke((at + n) % this.#size, (header >>> (n * 8)) & 0xff);
  }

  get consumed(): number {
    return Number(this.#pages(this.#consumer).getBigUint64(0, true));
  }

  #poke(at: number, byte: number): void {
    const pages = this.#pages(this.#data);
    pages.setUint8(at, byte);
    pages.setUint8(this.#size + at, byte);
  }

  #pages(address: number): DataView {
    const size = address === this.#data ? 2 * this.#size : 4096;
    return new DataView(this.fake.view(address, size));
  }

  [Symbol.dispose](): void {
    this.ring.close();
    this.#restore();
  }
}

function reader(texts: string[]): (memory: Uint8Array, offset: number, length: number) => void {
  return (memory, offset, length) =>
    texts.push(new TextDecoder().decode(memory.subarray(offset, offset + length)));
}

test("poll() hands out records in order and gives their space back", () => {
  using r = new FakeRing();
  r.send("one");
  r.send("gone", DISCARD);
  r.send("three and more");
  const texts: string[] = [];
  assert.equal(r.ring.poll(reader(texts)), 2);
  assert.deepEqual(texts, ["one", "three and more"]);
  assert.equal(r.consumed, 16 + 16 + 24);
  assert.equal(r.ring.pendingBytes, 0);
});

test("poll() stops at a record that is being written", () => {
  using r = new FakeRing();
  r.send("a");
  const at = r.send("b", BUSY);
  r.send("c");
  const texts: string[] = [];
  assert.equal(r.ring.poll(reader(texts)), 1);
  assert.equal(r.ring.nextRecordBytes, 0);
  r.mark(at, 1);
  r.ring.poll(reader(texts));
  assert.deepEqual(texts, ["a", "b", "c"]);
});

test("poll() reads records over the end of the ring, for many rounds", () => {
  using r = new FakeRing();
  const drain = new RingDrain(r.ring, { chunkBytes: 512 });
  for (let n = 0; n < 500; n++) {
    const sent = [`${n}`.repeat(30), `${n}`.padStart(n % 300)];
    for (const text of sent) r.send(text);
    const texts: string[] = [];
    if (n % 2 === 0) r.ring.poll(reader(texts));
    else drain.poll(reader(texts));
    assert.deepEqual(texts, sent);
  }
});

test("poll() obeys max and counts a record whose handler threw as read", () => {
  using r = new FakeRing();
  for (const text of ["a", "b", "c"]) r.send(text);
  const texts: string[] = [];
  assert.equal(r.ring.poll(reader(texts), 1), 1);
  assert.throws(() => {
    r.ring.poll(() => {
      throw new Error("stop");
    });
  }, /stop/);
  r.ring.poll(reader(texts));
  assert.deepEqual(texts, ["a", "c"]);
});

test("close() in a handler unmaps after the poll", () => {
  using r = new FakeRing();
  r.send("a");
  r.send("b");
  const unmaps = (): number => r.fake.calls.filter((call) => call.nr === NR.munmap).length;
  const count = r.ring.poll(() => {
    r.ring.close();
    assert.equal(unmaps(), 0);
  });
  assert.equal(count, 1);
  assert.equal(unmaps(), 3);
  assert.throws(() => r.ring.poll(() => {}), /already closed/);
  r.ring.close();
  assert.equal(unmaps(), 3);
});

test("waitReadable() sees data, readiness, time-out and close", async () => {
  using r = new FakeRing();
  assert.equal(await r.ring.waitReadable(0), false);
  r.send("a");
  assert.equal(await r.ring.waitReadable(0), true);
  r.ring.poll(() => {});
  const waiting = r.ring.waitReadable(Number.POSITIVE_INFINITY);
  setTimeout(() => {
    r.send("b");
    r.fake.signalReadable(r.ring.fd.number);
  }, 1);
  assert.equal(await waiting, true);
  r.ring.poll(() => {});
  const closing = r.ring.waitReadable(Number.POSITIVE_INFINITY);
  setTimeout(() => r.ring.close(), 1);
  assert.equal(await closing, false);
  assert.equal(r.fake.watchesInUse, 0);
});

test("waitReadable() does not spin on a record that is being written", async () => {
  using r = new FakeRing();
  const at = r.send("a", BUSY);
  assert.equal(await r.ring.waitReadable(5), false);
  setTimeout(() => r.mark(at, 1), 3);
  assert.equal(await r.ring.waitReadable(1000), true);
  assert.equal(r.fake.watchesInUse, 0);
});

test("RingDrain keeps a burst in order and leaves what exceeds its limit in the ring", () => {
  using r = new FakeRing();
  const drain = new RingDrain(r.ring, { limitBytes: 1024, chunkBytes: 256 });
  const sent: string[] = [];
  for (let n = 0; n < 100; n++) {
    sent.push(`record ${n}`);
    r.send(`record ${n}`, n === 50 ? DISCARD : 0);
  }
  sent.splice(50, 1);
  drain.fill();
  assert.ok(drain.backlogBytes >= 1000 && drain.backlogBytes <= 1024 + 256);
  assert.ok(r.ring.pendingBytes > 0);
  const texts: string[] = [];
  assert.equal(drain.poll(reader(texts), 10), 10);
  assert.equal(drain.poll(reader(texts)), 89);
  assert.deepEqual(texts, sent);
  assert.equal(drain.backlogBytes, 0);
});

test("RingDrain counts what close() throws away, in the ring too", () => {
  using r = new FakeRing();
  const drain = new RingDrain(r.ring, { limitBytes: 256, chunkBytes: 128 });
  for (let n = 0; n < 60; n++) r.send(`record ${n}`);
  drain.fill();
  drain.close();
  assert.equal(drain.dropped, 60);
});

test("RingDrain takes a record larger than its chunks and its limit", () => {
  using r = new FakeRing();
  const drain = new RingDrain(r.ring, { limitBytes: 256, chunkBytes: 128 });
  const long = "x".repeat(2000);
  r.send(long);
  r.send("y");
  const texts: string[] = [];
  drain.poll(reader(texts));
  assert.deepEqual(texts, [long, "y"]);
});

test("after records were read, others gather before the reader wakes up", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  using r = new FakeRing(4 << 20);
  r.send("a");
  // nothing was read before: at once
  assert.equal(await r.ring.waitReadable(Number.POSITIVE_INFINITY), true);
  r.ring.poll(() => {});
  r.send("b");
  // 4 MiB fill up to the half in 4 ms
  let isAwake = false;
  const waiting = r.ring.waitReadable(Number.POSITIVE_INFINITY).then((found) => {
    isAwake = true;
    return found;
  });
  t.mock.timers.tick(3);
  await turn();
  assert.equal(isAwake, false);
  t.mock.timers.tick(1);
  assert.equal(await waiting, true);
});

test("a reader that is asked for no latency does not rest", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  using r = new FakeRing(4 << 20, 0);
  for (const text of ["a", "b"]) {
    r.send(text);
    assert.equal(await r.ring.waitReadable(Number.POSITIVE_INFINITY), true);
    r.ring.poll(() => {});
  }
});

test("a ring that is filling up is read on without a rest", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  using r = new FakeRing(1 << 20);
  const text = "x".repeat(1000);
  for (let bytes = 0; bytes < 1 << 17; bytes += 1000) r.send(text);
  r.ring.poll(() => {});
  r.send("more");
  assert.equal(await r.ring.waitReadable(Number.POSITIVE_INFINITY), true);
});
