import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseConfig } from "./config/config.ts";
import { Outputs } from "./outputs.ts";
import { outputEvents, runOf } from "./testing/events.ts";
import { waitFor } from "./testing/wait-for.ts";
import { UdpSender } from "./udp.ts";

/** A port where nobody listens. */
async function quietPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

async function listen(t: TestContext, port: number, messages: string[]): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4 << 20 });
  t.after(() => socket.close());
  socket.on("message", (message) => messages.push(message.toString()));
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

function open(t: TestContext, port: number): Outputs {
  // so few that a socket's buffer takes them all at once
  const keys = `queue_events = 200\ntype = "syslog"\ntransport = "udp"\naddress = "127.0.0.1:${port}"`;
  const outputs = Outputs.open(parseConfig(`[[outputs]]\n${keys}`, "x").config.outputs);
  t.after(() => outputs.close(0));
  return outputs;
}

test("a UDP receiver that does not listen holds nobody up and is asked with pauses", async (t) => {
  const port = await quietPort();
  const outputs = open(t, port);
  outputs.deliver(runOf(outputEvents(20_000)));
  let turns = 0;
  const end = performance.now() + 500;
  while (performance.now() < end) {
    await sleep(1);
    turns++;
  }
  assert.ok(turns > 50, `${turns} turns`);
  const [refused] = outputs.counters();
  assert.match(refused?.problem ?? "", /ECONNREFUSED/);
  assert.equal(refused?.delivered, 0);
  const sent = (refused?.lost ?? 0) - 19_800;
  assert.ok(sent >= 1 && sent < 10, `${sent} sent`);

  // a receiver that listens then gets what waited, each once and in order, and learns what is missing
  const messages: string[] = [];
  await listen(t, port, messages);
  await waitFor("all", () => outputs.counters()[0]?.queued === 0);
  await waitFor("the last", () => messages.at(-1)?.includes("not written"));
  const { delivered = 0, lost = 0, problem } = outputs.counters()[0] ?? {};
  assert.equal(problem, undefined);
  assert.equal(delivered + lost, 20_000);
  const numbers = messages.slice(0, -1).map((message) => Number(/event (\d+)$/.exec(message)?.[1]));
  assert.equal(new Set(numbers).size, numbers.length);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
  assert.deepEqual([numbers[0], numbers.at(-1)], [lost - 19_800 + 1, 200]);
  assert.match(messages.at(-1) ?? "", new RegExp(`${lost} events were not written`));
});

test("UDP events that come one by one to nobody are lost, not delivered", async (t) => {
  const outputs = open(t, await quietPort());
  for (let n = 1; n <= 5; n++) {
    outputs.deliver(runOf(outputEvents(1, n)));
    await waitFor("its end", () => outputs.counters()[0]?.queued === 0);
  }
  await outputs.close(0);
  const { delivered = 0, lost = 0 } = outputs.counters()[0] ?? {};
  assert.equal(delivered + lost, 5);
  // a busy machine may answer for some too late
  assert.ok(lost > 0, `${delivered} delivered`);
});

test("a UDP output that is closed during its look-up leaves no socket", async (t) => {
  const sender = new UdpSender({ host: "localhost", port: await quietPort() });
  const sent = sender.send([Buffer.from("x")]);
  sender.close();
  await assert.rejects(sent, /closed/);
  const sockets = process.getActiveResourcesInfo().filter((name) => name.startsWith("UDP"));
  t.diagnostic(sockets.join());
  assert.deepEqual(sockets, []);
});
