/**
 * The OTLP output against an endpoint that decodes what the OpenTelemetry exporter sends. Debian has no package of the
 * collector; OTLP's JSON encoding needs no decoder of ours.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { outputEvent, outputEvents, runOf } from "../../src/sinks/testing/events.ts";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { HttpReceiver } from "./http-receiver.ts";
import { openOutputs } from "./receiver.ts";

interface LogRecord {
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

interface Request {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: LogRecord["attributes"] };
    readonly scopeLogs: readonly { readonly logRecords: readonly LogRecord[] }[];
  }[];
}

function keys(receiver: HttpReceiver, extra = ""): string {
  return `[[outputs]]\ntype = "otlp"\nurl = "${receiver.url}/v1/logs"\n${extra}`;
}

function records(receiver: HttpReceiver): LogRecord[] {
  return receiver.accepted.flatMap(({ body }) =>
    (JSON.parse(body) as Request).resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords),
    ),
  );
}

function attribute(list: LogRecord["attributes"] | undefined, key: string): unknown {
  return Object.values(list?.find((one) => one.key === key)?.value ?? {})[0];
}

test("otlp: records have time, body, attributes and the service's name", async (t) => {
  const receiver = await HttpReceiver.start(t);
  const outputs = openOutputs(t, keys(receiver, 'batch = 10\nheaders = { X-Token = "s" }'));
  outputs.deliver(runOf(outputEvents(25)));
  await waitFor("25 records", () => records(receiver).length === 25);
  assert.equal(receiver.accepted.length, 3);
  const [post] = receiver.accepted;
  assert.equal(post?.path, "/v1/logs");
  assert.equal(post?.headers["x-token"], "s");
  const [first] = (JSON.parse(post?.body ?? "") as Request).resourceLogs;
  assert.equal(attribute(first?.resource.attributes, "service.name"), "syscalltrack");
  const record = records(receiver)[24];
  assert.equal(record?.timeUnixNano, "1795446000123456789");
  assert.equal(record?.severityNumber, 10);
  assert.equal(record?.body.stringValue, "event 25");
  assert.equal(attribute(record?.attributes, "process.pid"), 4242);
  assert.equal(attribute(record?.attributes, "thread.name"), "rm");
  assert.equal(attribute(record?.attributes, "syscalltrack.rule"), "unlink_rule1");
});

test("otlp: a record has the severity of its rule", async (t) => {
  const receiver = await HttpReceiver.start(t);
  const outputs = openOutputs(t, keys(receiver));
  outputs.deliver(runOf([0, 3, 4, 6, 7].map((priority) => outputEvent("x", { priority }))));
  await waitFor("the records", () => records(receiver).length === 5);
  assert.deepEqual(
    records(receiver).map(({ severityNumber }) => severityNumber),
    [21, 17, 13, 9, 5],
  );
});

test("otlp: a rule without LOG has a body too", async (t) => {
  const receiver = await HttpReceiver.start(t);
  const outputs = openOutputs(t, keys(receiver));
  outputs.deliver(runOf([outputEvent("", { rule: "keep_passwd", actions: ["FAIL"] })]));
  await waitFor("the record", () => records(receiver).length === 1);
  const [record] = records(receiver);
  assert.equal(record?.body.stringValue, "keep_passwd: FAIL unlink");
  const event = JSON.parse(String(attribute(record?.attributes, "syscalltrack.event")));
  assert.equal(event.message, null);
});

test("otlp: tries again after errors, and gives up what is refused for good", async (t) => {
  const receiver = await HttpReceiver.start(t);
  const answers = [503, undefined];
  receiver.answer = ({ body }) => {
    if (body.includes('"event 3"')) return 400;
    return answers.length > 0 ? answers.shift() : 200;
  };
  const outputs = openOutputs(t, keys(receiver, 'batch = 2\ntimeout = "1s"'));
  outputs.deliver(runOf(outputEvents(5)));
  await waitFor("the loss", () => records(receiver).length === 4);
  const bodies = records(receiver).map(({ body }) => body.stringValue);
  assert.deepEqual(bodies.slice(0, 3), ["event 1", "event 2", "event 5"]);
  assert.match(bodies[3] ?? "", /2 events were not written to this output/);
  assert.equal(outputs.counters()[0]?.lost, 2);
});

test("otlp: names with controls and bytes that are no text are escaped", async (t) => {
  const receiver = await HttpReceiver.start(t);
  const outputs = openOutputs(t, keys(receiver));
  const hostile = "a\nb\u0000\u001b[2Jé\udcff";
  outputs.deliver(runOf([outputEvent(hostile, { path: hostile })]));
  await waitFor("the record", () => records(receiver).length === 1);
  const [record] = records(receiver);
  const escaped = "a\\nb\\x00\\x1b[2Jé\\u{dcff}";
  assert.equal(record?.body.stringValue, escaped);
  assert.equal(attribute(record?.attributes, "file.path"), escaped);
  const event = JSON.parse(String(attribute(record?.attributes, "syscalltrack.event")));
  assert.equal(event.path, hostile);
});
