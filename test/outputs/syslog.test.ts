/** Syslog outputs against rsyslogd: unix socket, UDP, TCP, TLS. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type TestContext, test } from "node:test";
import type { Outputs } from "../../src/sinks/index.ts";
import { outputEvent, outputEvents, runOf } from "../../src/sinks/testing/events.ts";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { linesOf, openOutputs } from "./receiver.ts";
import { type Message, Rsyslog } from "./rsyslog.ts";

const HOSTILE = "x\n<0>1 - - forged - - - gotcha\r\u0000\u001b[2J\u2028é\udcff 12 <0>y";

function open(t: TestContext, keys: string): Outputs {
  return openOutputs(t, `[[outputs]]\ntype = "syslog"\nfacility = "local3"\n${keys}`);
}

function messages(rsyslog: Rsyslog): Message[] {
  const own = linesOf(rsyslog.output).map((line) => JSON.parse(line) as Message);
  return own.filter(({ tag }) => !tag.startsWith("rsyslogd"));
}

const transports: Record<string, (rsyslog: Rsyslog) => string> = {
  unix: ({ socket }) => `path = "${socket}"`,
  udp: ({ udpPort }) => `transport = "udp"\naddress = "127.0.0.1:${udpPort}"`,
  tcp: ({ tcpPort }) => `transport = "tcp"\naddress = "localhost:${tcpPort}"`,
  tls: ({ tlsPort, ca }) => `transport = "tls"\naddress = "127.0.0.1:${tlsPort}"\nca = "${ca}"`,
};

for (const [transport, keys] of Object.entries(transports)) {
  test(`${transport}: rsyslogd gets every message as it was meant`, async (t) => {
    const rsyslog = await Rsyslog.start(t);
    await waitFor("rsyslogd", () => existsSync(rsyslog.socket));
    const outputs = open(t, keys(rsyslog));
    // the last one says that all came
    const events = [outputEvent(HOSTILE, { comm: HOSTILE }), ...outputEvents(200, 2)];
    outputs.deliver(runOf(events));
    await waitFor("201 messages", () => messages(rsyslog).length >= 201);
    const [first, second, ...rest] = messages(rsyslog);
    assert.equal(rest.length, 199);
    assert.equal(second?.pri, "local3.notice");
    assert.match(second?.tag ?? "", /^syscalltrack/);
    assert.equal(second?.msgid, "unlink_rule1");
    assert.equal(second?.structured, '[meta sequenceId="2"]');
    assert.equal(second?.msg.trim(), "event 2");
    assert.match(
      first?.msg ?? "",
      /^ ?x\\n<0>1 - - forged .*\\x1b\[2J\\u\{2028\}é\\u\{dcff\} 12 <0>y$/,
    );
    const { delivered, lost } = outputs.counters()[0] ?? {};
    assert.deepEqual({ delivered, lost }, { delivered: 201, lost: 0 });
  });
}

test("JSON events arrive as JSON", async (t) => {
  const rsyslog = await Rsyslog.start(t);
  const outputs = open(t, `format = "json"\n${transports["tcp"]?.(rsyslog)}`);
  outputs.deliver(runOf([outputEvent(HOSTILE, { comm: HOSTILE, path: HOSTILE })]));
  await waitFor("the message", () => messages(rsyslog).length === 1);
  assert.equal(JSON.parse(messages(rsyslog)[0]?.msg ?? "").path, HOSTILE);
});

test("a receiver that comes later gets what waited, in order, and learns what had no room", async (t) => {
  const rsyslog = await Rsyslog.start(t);
  await waitFor("rsyslogd", () => existsSync(rsyslog.socket));
  await rsyslog.stop("SIGTERM");
  const outputs = open(t, `queue_events = 100\n${transports["tcp"]?.(rsyslog)}`);
  outputs.deliver(runOf(outputEvents(130)));
  await waitFor("the failure", () => outputs.counters()[0]?.problem !== undefined);
  assert.match(outputs.counters()[0]?.problem ?? "", /ECONNREFUSED/);
  rsyslog.start();
  await waitFor("101 messages", () => messages(rsyslog).length >= 101);
  const texts = messages(rsyslog).map(({ msg }) => msg.trim());
  assert.equal(texts.length, 101);
  assert.deepEqual(
    texts.slice(0, 100),
    outputEvents(100).map(({ text }) => text),
  );
  assert.match(texts[100] ?? "", /30 events were not written to this output \(unlink_rule1: 30\)/);
  const { delivered, lost, problem } = outputs.counters()[0] ?? {};
  assert.deepEqual({ delivered, lost, problem }, { delivered: 100, lost: 30, problem: undefined });
});

for (const transport of ["unix", "tcp", "tls"]) {
  test(`${transport}: continues when the receiver was killed and came back`, async (t) => {
    const rsyslog = await Rsyslog.start(t);
    await waitFor("rsyslogd", () => existsSync(rsyslog.socket));
    const outputs = open(t, transports[transport]?.(rsyslog) ?? "");
    outputs.deliver(runOf(outputEvents(10)));
    await waitFor("10 messages", () => messages(rsyslog).length === 10);
    await rsyslog.stop("SIGKILL");
    rsyslog.start();
    // what was written to the old connection may be gone: syslog has no answers. What follows must come.
    let seq = 11;
    await waitFor("a message after the restart", () => {
      outputs.deliver(runOf(outputEvents(1, seq++)));
      return messages(rsyslog).length > 10;
    });
    await waitFor("an empty queue", () => outputs.counters()[0]?.queued === 0);
    const { delivered = 0, lost } = outputs.counters()[0] ?? {};
    assert.equal(delivered, seq - 1);
    assert.equal(lost, 0);
  });
}

test("tls: a certificate that nobody vouches for is refused, and nothing is sent", async (t) => {
  const rsyslog = await Rsyslog.start(t);
  await waitFor("rsyslogd", () => existsSync(rsyslog.socket));
  const outputs = open(t, `transport = "tls"\naddress = "127.0.0.1:${rsyslog.tlsPort}"`);
  outputs.deliver(runOf(outputEvents(1)));
  await waitFor("the failure", () => /self-signed/.test(outputs.counters()[0]?.problem ?? ""));
  assert.equal(messages(rsyslog).length, 0);
});

test("tls: a certificate for another name is refused", async (t) => {
  const rsyslog = await Rsyslog.start(t);
  await waitFor("rsyslogd", () => existsSync(rsyslog.socket));
  const outputs = open(t, `server_name = "elsewhere.example"\n${transports["tls"]?.(rsyslog)}`);
  outputs.deliver(runOf(outputEvents(1)));
  await waitFor("the failure", () => /altnames/.test(outputs.counters()[0]?.problem ?? ""));
  assert.equal(messages(rsyslog).length, 0);
});

test("a name that does not resolve is a failure like any other", async (t) => {
  for (const transport of ["udp", "tcp", "tls"]) {
    const outputs = open(t, `transport = "${transport}"\naddress = "no-such-host.invalid:514"`);
    outputs.deliver(runOf(outputEvents(3)));
    await waitFor("the failure", () => outputs.counters()[0]?.problem !== undefined);
    await outputs.close(0);
    assert.equal(outputs.counters()[0]?.lost, 3);
  }
});
