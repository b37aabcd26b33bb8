/** The control socket against peers that mean no good. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Handler } from "./connection.ts";
import { ControlServer } from "./control-server.ts";
import { MAX_CONNECTIONS, MAX_REQUEST_BYTES } from "./protocol.ts";

async function open(t: TestContext, handler: Handler = async ({ op }) => ({ ok: true, op })) {
  const directory = mkdtempSync(join(tmpdir(), "sct-control-"));
  const path = join(directory, "control.sock");
  const server = await ControlServer.open(path, handler);
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(directory, { recursive: true });
  });
  const connect = (): Promise<Peer> =>
    new Promise((resolve, reject) => {
      const socket = createConnection(path, () => resolve(new Peer(socket)));
      socket.once("error", reject);
      sockets.push(socket);
    });
  return { path, connect };
}

class Peer {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #text = "";
  #wake = (): void => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.setEncoding("utf8").on("data", (text) => {
      this.#text += text;
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        resolve();
        this.#wake();
      });
    });
  }

  say(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** The next answer; undefined: it was closed without one. */
  async receive() {
    while (!this.#text.includes("\n")) {
      if (this.socket.closed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const end = this.#text.indexOf("\n");
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return JSON.parse(line);
  }
}

const STATUS = '{"v":1,"op":"status"}\n';
const ANSWER = { ok: true, op: "status" };

test("the socket is for its owner alone", async (t) => {
  const { path } = await open(t);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("requests of a connection are answered in their order, however they are cut", async (t) => {
  const { connect } = await open(t, async (request) => {
    // the first takes longest
    for (let turns = request.op === "download" ? 50 : 0; turns > 0; turns--) await setImmediate();
    return { op: request.op };
  });
  const peer = await connect();
  const text = `{"v":1,"op":"download"}\n${STATUS}{"v":1,"op":"confirm"}\n`;
  for (const byte of text) peer.say(byte);
  assert.deepEqual(
    [await peer.receive(), await peer.receive(), await peer.receive()].map(({ op }) => op),
    ["download", "status", "confirm"],
  );
});

test("garbage is answered, and the connection continues", async (t) => {
  const { connect } = await open(t);
  const peer = await connect();
  for (const garbage of [
    "",
    "x",
    "[]",
    "null",
    "[".repeat(100_000),
    '{"v":2,"op":"status"}',
    '{"v":1,"op":"__proto__"}',
    '{"v":1,"op":"upload"}',
    '{"v":1,"op":"upload","files":[{"name":1,"text":""}],"includes":[]}',
    '{"v":1,"op":"replace","files":[],"includes":[],"revertAfterMs":1e300}',
    '{"v":1,"op":"delete","names":[{}]}',
    "\0\x80\xff",
  ]) {
    peer.say(`${garbage}\n`);
    const answer = await peer.receive();
    assert.deepEqual([answer.ok, answer.error.code], [false, "bad_request"], garbage.slice(0, 80));
  }
  peer.say(STATUS);
  assert.deepEqual(await peer.receive(), ANSWER);
});

test("a gigabyte in one request is refused when it is too large, not when it has come", async (t) => {
  const { connect } = await open(t);
  const peer = await connect();
  const chunk = new Uint8Array(1 << 20).fill(0x78);
  let sent = 0;
  const send = (): void => {
    while (!peer.socket.destroyed && sent < 1 << 30) {
      sent += chunk.length;
      if (!peer.socket.write(chunk)) return void peer.socket.once("drain", send);
    }
  };
  send();
  const answer = await peer.receive();
  // a peer that never reads may find the connection reset before the answer
  if (answer !== undefined) assert.equal(answer.error.code, "request_too_large");
  await peer.closed;
  assert.ok(sent < MAX_REQUEST_BYTES * 8, `${sent} bytes were taken`);
  const other = await connect();
  other.say(STATUS);
  assert.deepEqual(await other.receive(), ANSWER);
});

test("a thousand connections keep nobody out", async (t) => {
  const { connect } = await open(t);
  const idle: Peer[] = [];
  for (let i = 0; i < 1000; i++) {
    const peer = await connect();
    // half of them have begun something
    if (i % 2 === 0) peer.say('{"v":1,');
    idle.push(peer);
  }
  const peer = await connect();
  peer.say(STATUS);
  assert.deepEqual(await peer.receive(), ANSWER);
  // those that made way get that answer and are closed
  await Promise.all(idle.slice(0, idle.length - MAX_CONNECTIONS).map(({ closed }) => closed));
});

test("an error of the handler is its answer", async (t) => {
  const { connect } = await open(t, async () => {
    throw new Error("no luck");
  });
  const peer = await connect();
  peer.say(STATUS);
  const { error } = await peer.receive();
  assert.equal(error.kind, "bug");
  assert.match(error.message, /no luck/);
});
