import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";
import { StreamSender } from "./stream.ts";

test("StreamSender that is closed while it connects leaves no connection", async (t) => {
  const server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sender = new StreamSender(() => connect(port, "127.0.0.1"), "connect");
  const accepted = once(server, "connection");
  const written = sender.write(Buffer.from("late"));
  sender.close();
  await assert.rejects(written, /closed the connection/);
  const [socket] = await accepted;
  if (!socket.destroyed) await once(socket, "close");
});
