import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, Server } from "node:net";
import { test } from "node:test";
import type { MetricsSnapshot } from "../sinks/index.ts";
import { waitFor } from "../sinks/testing/wait-for.ts";
import { MetricsEndpoint } from "./metrics-endpoint.ts";

const HOST = "127.0.0.1";
const snapshot: MetricsSnapshot = {
  version: "1",
  startedAtMs: 0,
  generation: 7,
  rules: [],
  recursionMisses: 0,
  readerDropped: 0,
  outputs: [],
};

test("MetricsEndpoint takes an address that comes later, and reports once that it is missing", async (t) => {
  const other = createServer().listen(0, HOST);
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const reported: string[] = [];
  const endpoint = new MetricsEndpoint(
    () => snapshot,
    (line) => reported.push(line),
    5,
  );
  t.after(() => endpoint.close());
  await endpoint.configure({ host: HOST, port });
  assert.match(endpoint.problem ?? "", /^no metrics: .*EADDRINUSE/);
  const attempts = t.mock.method(Server.prototype, "listen").mock;
  await waitFor("more attempts", () => attempts.callCount() > 3);
  other.close();
  await waitFor("the address", () => endpoint.problem === undefined);
  assert.deepEqual(reported.slice(1), ["metrics can be had now"]);
  const answer = await fetch(`http://${HOST}:${endpoint.port}/metrics`);
  assert.match(await answer.text(), /^syscalltrack_generation 7$/m);
});

test("MetricsEndpoint is had, moved and given up by turns", async (t) => {
  const endpoint = new MetricsEndpoint(
    () => snapshot,
    () => assert.fail(),
  );
  t.after(() => endpoint.close());
  const config = { host: HOST, port: 0 };
  await Promise.all([endpoint.configure(config), endpoint.configure({ ...config })]);
  const { port } = endpoint;
  assert.ok(port);
  await endpoint.configure(config);
  assert.equal(endpoint.port, port);
  await Promise.all([endpoint.configure(undefined), endpoint.close()]);
  assert.equal(endpoint.port, undefined);
});
