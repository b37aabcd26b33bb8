import assert from "node:assert/strict";
import { test } from "node:test";
import type { RingBuffer } from "../../bpf/index.ts";
import type { Generation } from "../../engines/kernel/index.ts";
import { BOOT_OFFSET_NS, generation, ringBytes, type Sample } from "../../store/testing/records.ts";
import type { ServiceEngine } from "../engine.ts";
import { LastingAnswer, type LineSink } from "../socket/line-sink.ts";
import {
  MAX_READING_SUBSCRIBERS,
  MAX_SUBSCRIBER_BYTES,
  MAX_SUBSCRIBERS,
} from "../socket/protocol.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Somebody who reads when the test says so. */
class Reader implements LineSink {
  pendingBytes = 0;
  isClosed = false;
  onDrain: () => void = () => undefined;
  readonly #end = Promise.withResolvers<void>();
  #text = "";

  get closed(): Promise<void> {
    return this.#end.promise;
  }

  write(lines: Uint8Array): void {
    this.pendingBytes += lines.length;
    this.#text += Buffer.from(lines).toString();
  }

  async drained(): Promise<void> {}

  /** Takes all that waits. */
  read(): void {
    this.pendingBytes = 0;
    this.onDrain();
  }

  close(): void {
    this.isClosed = true;
    this.#end.resolve();
  }

  get lines() {
    return this.#text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }
}

function open(fill = { pending: 0 }) {
  const ring = {
    isClosed: false,
    size: 1024,
    get pendingBytes() {
      return fill.pending;
    },
  } as Partial<RingBuffer> as RingBuffer;
  const generations = [generation(1, 0, "loud", "quiet")] as unknown as Generation[];
  const engine: Pick<ServiceEngine, "generations" | "ring"> = { generations, ring };
  const subscriptions = new Subscriptions(engine);
  return {
    subscriptions,
    subscribe(filter = {}, role: "admin" | "read" = "admin") {
      const answer = subscriptions.answer(filter, role);
      if (!(answer instanceof LastingAnswer)) return answer.error.code;
      const reader = new Reader();
      return { reader, done: answer.run(reader) };
    },
    deliver(...samples: readonly Sample[]) {
      subscriptions.deliver(ringBytes(samples), [], BOOT_OFFSET_NS);
    },
  };
}

function subscribed(one: ReturnType<ReturnType<typeof open>["subscribe"]>) {
  assert.ok(typeof one !== "string", String(one));
  return one;
}

test("Subscriptions hands events to those who ask for them, until they go", async () => {
  const { subscribe, subscriptions, deliver } = open();
  const all = subscribed(subscribe());
  const quiet = subscribed(subscribe({ rules: ["q*"] }));
  const root = subscribed(subscribe({ uids: [0], calls: ["unlinkat"] }));
  deliver({ seq: 1, site: 0 }, { seq: 2, site: 1, uid: 7 }, { seq: 3, site: 9 });
  const seqs = ({ reader }: typeof all) => reader.lines.map(({ seq }) => seq);
  assert.deepEqual([all, quiet, root].map(seqs), [[1, 2], [2], [1]]);
  assert.deepEqual(
    all.reader.lines.map(({ rule, syscall, gen }) => [rule, syscall, gen]),
    [
      ["loud", "unlinkat", 1],
      ["quiet", "unlinkat", 1],
    ],
  );
  all.reader.close();
  await all.done;
  deliver({ seq: 4, site: 1 });
  assert.deepEqual([all, quiet].map(seqs), [
    [1, 2],
    [2, 4],
  ]);
  assert.equal(subscriptions.count, 2);
});

test("Subscriptions keeps a bounded buffer for a subscriber that does not read, and reports its losses", () => {
  const { subscribe, deliver } = open();
  const slow = subscribed(subscribe());
  const fast = subscribed(subscribe());
  const total = 5000;
  for (let seq = 1; seq <= total; seq += 10) {
    deliver(...Array.from({ length: 10 }, (_, i) => ({ seq: seq + i, site: (seq + i) % 2 })));
    fast.reader.read();
  }
  assert.equal(fast.reader.lines.length, total);
  assert.ok(slow.reader.pendingBytes <= MAX_SUBSCRIBER_BYTES);
  const before = slow.reader.lines.length;
  assert.ok(before < total);
  slow.reader.read();
  deliver({ seq: total + 1, site: 0 });
  const { loss } = slow.reader.lines[before];
  assert.equal(loss.where, "subscriber");
  assert.equal(before + loss.total, total);
  assert.equal(loss.rules.loud + loss.rules.quiet, loss.total);
  assert.equal(slow.reader.lines.at(-1).seq, total + 1);
});

test("Subscriptions counts events and makes no lines while storing is urgent", () => {
  const fill = { pending: 0 };
  const { subscribe, deliver } = open(fill);
  const one = subscribed(subscribe());
  fill.pending = 512;
  deliver({ seq: 1, site: 0 }, { seq: 2, site: 0 });
  fill.pending = 0;
  deliver({ seq: 3, site: 1 });
  assert.deepEqual(
    one.reader.lines.map(({ loss, seq }) => loss?.rules ?? seq),
    [{ loud: 2 }, 3],
  );
});

test("Subscriptions has places for root alone, and none without end", async () => {
  const { subscribe, subscriptions } = open();
  const readers = Array.from({ length: MAX_READING_SUBSCRIBERS }, () => subscribe({}, "read"));
  assert.ok(readers.every((one) => typeof one !== "string"));
  assert.equal(subscribe({}, "read"), "busy");
  while (subscriptions.count < MAX_SUBSCRIBERS) subscribed(subscribe());
  assert.equal(subscribe(), "busy");
  const [first] = readers;
  subscribed(first as ReturnType<typeof subscribe>).reader.close();
  await subscribed(first as ReturnType<typeof subscribe>).done;
  subscribed(subscribe({}, "read"));
});
