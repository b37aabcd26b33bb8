/** Requests that a client sends without waiting for answers. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { AUTHORIZATION, connectList, exchange, startHttp, startProxy } from "./testing/serve.ts";

test("requests sent at once on one connection make no more connections than the limit", {
  timeout: 20_000,
}, async (t) => {
  const connections = 4;
  const count = 60;
  const held: ServerResponse[] = [];
  const port = await startHttp(t, (_, response) => {
    held.push(response);
  });
  const list = connectList([], [`127.0.0.1:${port}`]);
  const proxy = await startProxy(t, [list], {}, { connections });
  const socket = connect(proxy.port, "127.0.0.1");
  t.after(() => socket.destroy());
  const request = `GET http://127.0.0.1:${port}/ HTTP/1.1\r\n${AUTHORIZATION}`;
  socket.write(`${request}\r\n`.repeat(count));
  while (proxy.seen.length < count || held.length < connections) await turn();
  const reasons = proxy.seen.flatMap(({ reason }) => reason ?? []);
  assert.deepEqual(
    reasons,
    new Array(count - connections).fill("not reached: too many connections"),
  );
});

test("connections that have ended leave their place to others", async (t) => {
  const connections = 4;
  const port = await startHttp(t, (_, response) => {
    response.end("answer");
  });
  const proxy = await startProxy(t, [connectList([], [`127.0.0.1:${port}`])], {}, { connections });
  const request = `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nConnection: close\r\n${AUTHORIZATION}\r\n`;
  for (let i = 0; i < 3 * connections; i++)
    assert.match(await exchange(proxy.port, request), /answer/);
});
