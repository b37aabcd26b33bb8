/** What is deleted for its age, by a wall clock that jumps. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { History } from "./history.ts";
import { generation, RING } from "./testing/records.ts";
import { directory, Stream, storedSeqs, upTo } from "./testing/stream.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse("2026-11-23T15:00:00Z");

/** A history that keeps a day, on a machine whose clocks the test turns. */
class Machine {
  wall = NOW;
  elapsed = 0;
  readonly file: string;
  readonly #stream = new Stream();
  #history: History;

  constructor(t: TestContext) {
    this.file = join(directory(t), "history.db");
    this.#history = this.#open();
    t.after(() => this.#history.close());
  }

  /** Ten events, which say the time that the wall clock shows. */
  events(): void {
    const bootOffsetNs = BigInt(this.wall) * 1_000_000n;
    assert.ok(this.#history.append({ ...this.#stream.next(10), bootOffsetNs }));
  }

  /** Time goes by, as the service sees it: once a minute. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 60_000) {
      this.wall += 60_000;
      this.elapsed += 60_000;
      this.#history.maintain();
    }
  }

  restart(): void {
    this.#history.close();
    this.elapsed = 0;
    this.#history = this.#open();
  }

  get kept(): number {
    return storedSeqs(this.file).length / 10;
  }

  #open(): History {
    const clock = { wallMs: () => this.wall, elapsedMs: () => this.elapsed };
    const history = History.open(this.file, { maxAgeMs: DAY, clock });
    history.setGenerations(RING, [generation(1, 0, "r")]);
    return history;
  }
}

test("maintain() deletes what is older than allowed, over restarts", (t) => {
  const machine = new Machine(t);
  machine.events();
  machine.pass(20 * HOUR);
  machine.events();
  machine.pass(3 * HOUR);
  assert.equal(machine.kept, 2);
  machine.restart();
  machine.pass(2 * HOUR);
  assert.deepEqual(storedSeqs(machine.file), upTo(20).slice(10));
});

test("maintain() does not believe a clock that jumps ahead for less than an hour", (t) => {
  const machine = new Machine(t);
  machine.events();
  machine.pass(2 * HOUR);
  machine.wall += 300 * DAY;
  machine.pass(HOUR / 2);
  machine.restart();
  machine.pass(HOUR / 2);
  assert.equal(machine.kept, 1);
  machine.wall -= 300 * DAY;
  machine.pass(2 * HOUR);
  assert.equal(machine.kept, 1);
});

test("maintain() continues behind events that came from the future", (t) => {
  const machine = new Machine(t);
  machine.wall += 300 * DAY;
  machine.events();
  machine.wall -= 300 * DAY;
  machine.events();
  machine.pass(26 * HOUR);
  machine.events();
  machine.pass(60_000);
  assert.deepEqual(storedSeqs(machine.file), [...upTo(10), ...upTo(30).slice(20)]);
});

test("maintain() keeps events of this start that came before the clock was set", (t) => {
  const machine = new Machine(t);
  machine.wall = 0;
  machine.events();
  machine.pass(60_000);
  machine.wall = NOW;
  machine.events();
  machine.pass(20 * HOUR);
  assert.equal(machine.kept, 2);
  machine.pass(6 * HOUR);
  machine.events();
  machine.pass(60_000);
  assert.deepEqual(storedSeqs(machine.file), upTo(30).slice(20));
});

test("maintain() keeps everything while the clock goes back", (t) => {
  const machine = new Machine(t);
  machine.events();
  machine.wall -= 10 * DAY;
  machine.events();
  machine.pass(2 * HOUR);
  assert.equal(machine.kept, 2);
});
