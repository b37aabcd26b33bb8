import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TerminalConfig } from "./config/outputs.ts";
import type { Loss, OutputEvent } from "./event.ts";
import { Feed } from "./feed.ts";
import { Output } from "./output.ts";
import { BusyError, GoneError, RejectedError, type Sink } from "./sink.ts";
import { outputEvent, outputEvents, runOf } from "./testing/events.ts";
import { waitFor } from "./testing/wait-for.ts";
import { Turns } from "./turns.ts";

type Send = (items: readonly string[]) => Promise<number>;

/** A receiver whose behaviour the test decides. */
class ScriptedSink implements Sink<string> {
  readonly batch = { count: 10, bytes: 1e6 };
  readonly received: string[] = [];
  onSend: Send = async (items) => items.length;
  reopened = 0;

  encode(event: OutputEvent) {
    return event.text === "" ? undefined : { value: event.text, size: 10 };
  }

  encodeLoss({ total, rules }: Loss) {
    return { value: `lost ${total} ${JSON.stringify(rules)}`, size: 10 };
  }

  async send(items: readonly string[]): Promise<number> {
    const count = await this.onSend(items);
    this.received.push(...items.slice(0, count));
    return count;
  }

  async reopen(): Promise<void> {
    this.reopened++;
  }

  close(): void {}
}

function open(queueCount: number, rules: readonly string[] = []) {
  const sink = new ScriptedSink();
  const notices: (string | undefined)[] = [];
  const config: TerminalConfig = {
    name: "x",
    type: "terminal",
    format: "text",
    device: "/dev/null",
    rules,
    queue: { bytes: 1e6, count: queueCount },
  };
  const feed = new Feed(16 << 20);
  const notice = (_: string, problem: string | undefined) => void notices.push(problem);
  const output = new Output<string>(config, sink, { feed, turns: new Turns(), notice });
  const deliver = (events: readonly OutputEvent[]) => {
    feed.append(runOf(events));
    output.wake();
  };
  return { sink, output, notices, deliver };
}

describe("Output", () => {
  test("hands all events over in order", async () => {
    const { sink, output, deliver } = open(1000);
    deliver(outputEvents(500));
    await output.close(10_000);
    assert.deepEqual(
      sink.received,
      Array.from({ length: 500 }, (_, i) => `event ${i + 1}`),
    );
    assert.equal(output.counters().delivered, 500);
    assert.equal(output.counters().lost, 0);
  });

  test("reports a loss where the events are missing, and counts every event once", async () => {
    const { sink, output, deliver } = open(100);
    let release: (() => void) | undefined;
    sink.onSend = async (items) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return items.length;
    };
    deliver(outputEvents(150));
    await waitFor("the first batch", () => release !== undefined);
    sink.onSend = async (items) => items.length;
    release?.();
    await waitFor("an empty queue", () => output.counters().queued === 0);
    deliver(outputEvents(1, 151));
    await output.close(10_000);
    assert.equal(sink.received.length, 102);
    assert.deepEqual(sink.received.slice(99), [
      "event 100",
      'lost 50 {"unlink_rule1":50}',
      "event 151",
    ]);
    const { delivered, lost } = output.counters();
    assert.deepEqual({ delivered, lost }, { delivered: 101, lost: 50 });
  });

  test("an event without a line is no loss where lines are written", async () => {
    const { sink, output, deliver } = open(2);
    deliver([...outputEvents(3), outputEvent(""), outputEvent("")]);
    await output.close(10_000);
    assert.deepEqual(sink.received.slice(0, 2), ["event 1", "event 2"]);
    assert.equal(output.counters().lost, 1);
  });

  test("tries again after failures, and says when it fails and when it works", async () => {
    const { sink, output, notices, deliver } = open(100);
    let attempts = 0;
    sink.onSend = async (items) => {
      if (++attempts < 3) throw new Error("connection refused");
      return items.length;
    };
    deliver(outputEvents(5));
    await waitFor("delivery", () => sink.received.length === 5);
    await output.close(10_000);
    assert.deepEqual(notices, ["connection refused", undefined]);
    assert.equal(output.counters().failures, 2);
    assert.equal(output.counters().problem, undefined);
  });

  test("a receiver that is only slow is no failure", async () => {
    const { sink, output, notices, deliver } = open(100);
    let attempts = 0;
    sink.onSend = async () => {
      if (++attempts % 2 === 1) throw new BusyError("slow");
      return 1;
    };
    deliver(outputEvents(5));
    await waitFor("delivery", () => sink.received.length === 5);
    await output.close(10_000);
    assert.deepEqual(notices, []);
  });

  test("a sink that settles at once, again and again, keeps nothing else waiting", async () => {
    const { sink, output, deliver } = open(50_000);
    sink.onSend = async () => 1;
    deliver(outputEvents(20_000));
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.ok(output.counters().queued > 0);
    await output.close(0);
  });

  test("loses what went out when nobody was there, and waits before it sends more", async () => {
    const { sink, output, deliver } = open(100);
    let attempts = 0;
    sink.onSend = async (items) => {
      if (++attempts < 3) throw new GoneError("refused", 1);
      return items.length;
    };
    deliver(outputEvents(4));
    await waitFor("an attempt", () => attempts === 1);
    await waitFor("turns", () => output.counters().queued === 3);
    assert.equal(attempts, 1);
    await waitFor("delivery", () => sink.received.length === 3);
    await output.close(10_000);
    assert.deepEqual(sink.received, ["event 3", "event 4", 'lost 2 {"unlink_rule1":2}']);
  });

  test("loses what the receiver refuses, and continues", async () => {
    const { sink, output, deliver } = open(100);
    sink.onSend = async (items) => {
      if (items[0] === "event 1") throw new RejectedError("400", 1);
      return items.length;
    };
    deliver(outputEvents(3));
    await waitFor("delivery", () => sink.received.length === 3);
    await output.close(10_000);
    assert.deepEqual(sink.received, ["event 2", "event 3", 'lost 1 {"unlink_rule1":1}']);
  });

  test("a receiver that refuses everything is not asked without pause", async () => {
    const { sink, output, deliver } = open(100);
    let attempts = 0;
    sink.onSend = async (items) => {
      attempts++;
      throw new RejectedError("400", items.length);
    };
    deliver(outputEvents(3));
    await waitFor("three attempts", () => attempts >= 3);
    assert.ok(output.counters().failures < 20);
    await output.close(0);
    assert.equal(output.counters().lost, 3);
  });

  test("takes only events of the rules it is for", async () => {
    const { sink, output, deliver } = open(100, ["un*", "b"]);
    deliver(["a", "b", "bb", "unlink"].map((rule) => outputEvent(rule, { rule })));
    deliver([outputEvent("", { rule: "b" })]);
    await output.close(10_000);
    assert.deepEqual(sink.received, ["b", "unlink"]);
    assert.equal(output.counters().lost, 0);
  });

  test("close() does not wait longer than it was asked to for a receiver that never answers", async () => {
    const { sink, output, deliver } = open(100);
    sink.onSend = () => new Promise(() => undefined);
    deliver(outputEvents(7));
    await output.close(50);
    assert.equal(output.counters().lost, 7);
    assert.equal(output.counters().delivered, 0);
  });

  test("an event that cannot be encoded is counted", async () => {
    const { sink, output, deliver } = open(100);
    const broken = {
      ...outputEvent("x"),
      get text(): string {
        throw new Error("cannot read");
      },
    };
    deliver([broken]);
    deliver([outputEvent("y")]);
    await waitFor("delivery", () => sink.received.length > 0);
    await output.close(10_000);
    assert.equal(output.counters().lost, 1);
  });

  test("reopen() reaches a sink that has nothing to do", async () => {
    const { sink, output } = open(100);
    output.reopen();
    await waitFor("reopen", () => sink.reopened === 1);
    await output.close(10_000);
  });
});
