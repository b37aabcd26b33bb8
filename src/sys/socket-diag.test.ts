import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";
import { type TcpEnd, tcpSocketInode } from "./index.ts";

const end = (port: number): TcpEnd => ({ address: [127, 0, 0, 1], port });

/** What the links of our descriptors name. */
function ownSockets(): ReadonlySet<string> {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return new Set(links);
}

test("tcpSocketInode() knows both ends of a connection, and none of another one", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect(port, "127.0.0.1");
  const [[accepted]] = await Promise.all([once(server, "connection"), once(client, "connect")]);
  const own = client.localPort ?? 0;
  const ends = [tcpSocketInode(end(own), end(port)), tcpSocketInode(end(port), end(own))];
  assert.notEqual(ends[0], ends[1]);
  for (const inode of ends) assert.ok(ownSockets().has(`socket:[${inode}]`), `${inode}`);
  assert.equal(tcpSocketInode(end(own), end(own)), undefined);
  client.destroy();
  accepted.destroy();
  server.close();
});
