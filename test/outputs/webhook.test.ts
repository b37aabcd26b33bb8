import assert from "node:assert/strict";
import { test } from "node:test";
import { outputEvent, outputEvents, runOf } from "../../src/sinks/testing/events.ts";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { HttpReceiver } from "./http-receiver.ts";
import { openOutputs } from "./receiver.ts";

interface Body {
  readonly v: number;
  readonly host: string;
  readonly events: readonly { readonly seq?: number; readonly loss?: { readonly total: number } }[];
}

function keys(receiver: HttpReceiver, extra = ""): string {
  return `[[outputs]]\ntype = "webhook"\nurl = "${receiver.url}/hook"\n${extra}`;
}

/** Numbers of the events that were accepted; a loss is its total with a minus. */
function accepted(receiver: HttpReceiver): number[] {
  return receiver.accepted.flatMap(({ body }) =>
    (JSON.parse(body) as Body).events.map(({ seq, loss }) => seq ?? -(loss?.total ?? 0)),
  );
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

test("webhook: posts batches of JSON with the configured headers", async (t) => {
  const receiver = await HttpReceiver.start(t);
  const outputs = openOutputs(t, keys(receiver, 'batch = 10\nheaders = { X-Token = "s" }'));
  outputs.deliver(runOf(outputEvents(25)));
  await waitFor("25 events", () => accepted(receiver).length === 25);
  assert.deepEqual(accepted(receiver), upTo(25));
  assert.equal(receiver.accepted.length, 3);
  const [first] = receiver.accepted;
  assert.equal(first?.path, "/hook");
  assert.equal(first?.headers["x-token"], "s");
  assert.equal(first?.headers["content-type"], "application/json");
});

test("webhook: tries again after errors, cut connections and answers that do not come", async (t) => {
  const receiver = await HttpReceiver.start(t);
  const answers = [500, undefined, 0, 429, 503];
  receiver.answer = () => (answers.length > 0 ? answers.shift() : 200);
  const outputs = openOutputs(t, keys(receiver, 'timeout = "500ms"'));
  outputs.deliver(runOf(outputEvents(5)));
  await waitFor("5 events", () => accepted(receiver).length === 5);
  assert.deepEqual(accepted(receiver), upTo(5));
  assert.equal(outputs.counters()[0]?.failures, 5);
  assert.equal(outputs.counters()[0]?.lost, 0);
});

for (const status of [400, 302]) {
  test(`webhook: what is refused for good (${status}) is counted and reported, and later events follow`, async (t) => {
    const receiver = await HttpReceiver.start(t);
    receiver.answer = ({ body }) => (body.includes('"seq":1,') ? status : 200);
    const outputs = openOutputs(t, keys(receiver, "batch = 4"));
    outputs.deliver(runOf(outputEvents(8)));
    await waitFor("the loss", () => accepted(receiver).includes(-4));
    assert.deepEqual(accepted(receiver), [5, 6, 7, 8, -4]);
    assert.equal(outputs.counters()[0]?.lost, 4);
  });
}

test("webhook: batches that are too large are made smaller", async (t) => {
  const receiver = await HttpReceiver.start(t);
  receiver.answer = ({ body }) => ((JSON.parse(body) as Body).events.length > 3 ? 413 : 200);
  const outputs = openOutputs(t, keys(receiver));
  outputs.deliver(runOf(outputEvents(20)));
  await waitFor("20 events", () => accepted(receiver).length === 20);
  assert.deepEqual(accepted(receiver), upTo(20));
});

test("webhook: gives a batch up after its time", async (t) => {
  const receiver = await HttpReceiver.start(t);
  receiver.answer = ({ body }) => (body.includes('"seq":1,') ? 500 : 200);
  const outputs = openOutputs(t, keys(receiver, 'batch = 2\ngive_up_after = "1s"'));
  outputs.deliver(runOf(outputEvents(4)));
  await waitFor("the loss", () => accepted(receiver).includes(-2));
  assert.deepEqual(accepted(receiver), [3, 4, -2]);
});

test("webhook: an output that stands still does not hold up another", async (t) => {
  const [stuck, works] = [await HttpReceiver.start(t), await HttpReceiver.start(t)];
  stuck.answer = () => 0;
  const outputs = openOutputs(
    t,
    `${keys(stuck, 'name = "stuck"\nqueue_events = 10\n')}${keys(works)}`,
  );
  outputs.deliver(runOf(outputEvents(2000)));
  await waitFor("2000 events", () => accepted(works).length === 2000);
  const [stuckCounters] = outputs.counters();
  assert.deepEqual([stuckCounters?.delivered, stuckCounters?.lost], [0, 1990]);
});

test("webhook: names with controls arrive as they were", async (t) => {
  const receiver = await HttpReceiver.start(t);
  const outputs = openOutputs(t, keys(receiver));
  const hostile = 'a"],"forged":[\n\r\u0000\u2028é\udcff';
  outputs.deliver(runOf([outputEvent(hostile, { path: hostile })]));
  await waitFor("the event", () => receiver.accepted.length === 1);
  const body = JSON.parse(receiver.accepted[0]?.body ?? "");
  assert.deepEqual(Object.keys(body), ["v", "host", "events"]);
  assert.equal(body.events[0].path, hostile);
});
