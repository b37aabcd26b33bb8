/** The proxy over real connections: what it lets through, and what hostile clients try. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import {
  AUTHORIZATION,
  connectList,
  exchange,
  SOCKS_LOGIN,
  startEcho,
  startHttp,
  startProxy,
} from "./testing/serve.ts";

const HERE = { "good.example": ["127.0.0.1"], "a.good.example": ["127.0.0.1"] };
const tunnelTo = (authority: string): string =>
  `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${AUTHORIZATION}\r\n`;
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);

test("CONNECT leads to names that fit, and to nothing else", async (t) => {
  const port = await startEcho(t);
  const list = connectList(
    [`good.example:${port}`, `*.good.example:${port}`, "not b.good.example"],
    [`127.0.0.1:${port}`],
  );
  const proxy = await startProxy(t, [list], HERE);
  for (const name of ["good.example", "GOOD.example.", "a.good.example"]) {
    const answer = await exchange(proxy.port, `${tunnelTo(`${name}:${port}`)}ping`, "ping");
    assert.equal(statusOf(answer), 200, name);
  }
  for (const name of ["evil.example", "xgood.example", "b.good.example", "good.example.evil"])
    assert.equal(statusOf(await exchange(proxy.port, tunnelTo(`${name}:${port}`))), 403, name);
  assert.equal(statusOf(await exchange(proxy.port, tunnelTo("good.example:22"))), 403);
  assert.deepEqual(
    proxy.seen.map(({ verdict, host, address, entry, at }) => [verdict, host, address, entry, at]),
    [
      ["allowed", "good.example", "127.0.0.1", `good.example:${port}`, "p.conf:2"],
      ["allowed", "good.example", "127.0.0.1", `good.example:${port}`, "p.conf:2"],
      ["allowed", "a.good.example", "127.0.0.1", `*.good.example:${port}`, "p.conf:2"],
      ["denied", "evil.example", undefined, undefined, "p.conf:2"],
      ["denied", "xgood.example", undefined, undefined, "p.conf:2"],
      ["denied", "b.good.example", undefined, undefined, "p.conf:2"],
      ["denied", "good.example.evil", undefined, undefined, "p.conf:2"],
      ["denied", "good.example", undefined, undefined, "p.conf:2"],
    ],
  );
});

test("a name that fits leads to no address that is not public, unless that is allowed itself", async (t) => {
  let served = 0;
  const port = await startEcho(t, () => served++);
  const known = {
    "loop.example": ["127.0.0.1"],
    "meta.example": ["169.254.169.254"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat.example": ["64:ff9b::a9fe:a9fe"],
    "zone.example": ["fe80::1%lo"],
  };
  const proxy = await startProxy(t, [connectList(["*.example"])], known);
  for (const name of Object.keys(known)) {
    const answer = await exchange(proxy.port, tunnelTo(`${name}:${port}`));
    assert.equal(statusOf(answer), name === "zone.example" ? 502 : 403, answer);
  }
  assert.equal(served, 0);
  const [first] = proxy.seen;
  assert.equal(first?.reason, "leads to 127.0.0.1, which is not public and not in connect");
  const allowing = connectList(["*.example"], [`127.0.0.0/8:${port}`]);
  const other = await startProxy(t, [allowing], known);
  const answer = await exchange(other.port, `${tunnelTo(`loop.example:${port}`)}ping`, "ping");
  assert.equal(statusOf(answer), 200);
  assert.equal(statusOf(await exchange(other.port, tunnelTo("loop.example:1"))), 403);
});

test("addresses are decided by entries for addresses, the last one that fits", async (t) => {
  const port = await startEcho(t);
  const list = connectList(["good.example"], ["*", "not 127.0.0.0/8", `127.0.0.1:${port}`]);
  const proxy = await startProxy(t, [list], HERE);
  const to = async (authority: string): Promise<number> =>
    statusOf(await exchange(proxy.port, tunnelTo(authority), "\r\n\r\n"));
  assert.equal(await to(`127.0.0.1:${port}`), 200);
  assert.equal(await to(`[::ffff:127.0.0.1]:${port}`), 200);
  assert.equal(await to(`127.0.0.2:${port}`), 403);
  // any name may be asked for: it is the address that counts
  assert.equal(await to(`localhost:${port}`), 200);
  assert.equal(await to("localhost:1"), 403);
});

test("all policies must allow it; those that only report let it through", async (t) => {
  const port = await startEcho(t);
  const one = connectList([`good.example:${port}`], ["127.0.0.1"]);
  const two = { ...connectList(["a.good.example"], ["127.0.0.1"]), policy: "q" };
  const both = await startProxy(t, [one, two], HERE);
  assert.equal(statusOf(await exchange(both.port, tunnelTo(`good.example:${port}`))), 403);
  assert.deepEqual(
    both.seen.map(({ policy, verdict }) => [policy, verdict]),
    [["q", "denied"]],
  );
  const reporting = await startProxy(t, [one, { ...two, denies: false }], HERE);
  const answer = await exchange(reporting.port, tunnelTo(`good.example:${port}`), "\r\n\r\n");
  assert.equal(statusOf(answer), 200);
  assert.deepEqual(
    reporting.seen.map(({ policy, verdict, address }) => [policy, verdict, address]),
    [["q", "would deny", "127.0.0.1"]],
  );
});

test("nobody without the password gets an answer but that one is needed", async (t) => {
  const port = await startEcho(t);
  const proxy = await startProxy(t, [connectList(["*.example"], ["127.0.0.1"])], HERE);
  const lines = [
    "",
    "Proxy-Authorization: Basic c2N0Og==\r\n",
    "Proxy-Authorization: Bearer x\r\n",
  ];
  for (const line of lines) {
    const tunnel = `CONNECT good.example:${port} HTTP/1.1\r\n${line}\r\n`;
    assert.equal(statusOf(await exchange(proxy.port, tunnel)), 407);
    const plain = `GET http://good.example:${port}/ HTTP/1.1\r\nHost: x\r\n${line}\r\n`;
    assert.equal(statusOf(await exchange(proxy.port, plain)), 407);
  }
  assert.equal(await exchange(proxy.port, Uint8Array.of(5, 1, 0)), "\x05\xff");
  const wrong = Buffer.concat([Uint8Array.of(5, 1, 2, 1, 3), Buffer.from("sct\x01x")]);
  assert.equal(await exchange(proxy.port, wrong), "\x05\x02\x01\x01");
  assert.deepEqual(proxy.seen, []);
});

function bodyOf(request: IncomingMessage): Promise<string> {
  return request
    .setEncoding("latin1")
    .toArray()
    .then((pieces) => pieces.join(""));
}

test("requests with whole URLs are written anew, with the host that was decided about", async (t) => {
  const seen: string[] = [];
  const port = await startHttp(t, async (request, response) => {
    const { method, url, headers } = request;
    seen.push(`${method} ${url} ${headers.host} ${await bodyOf(request)}`);
    seen.push(Object.keys(headers).sort().join(" "));
    response.setHeader("X-Answer", "yes");
    response.end("the body");
  });
  const list = connectList([`good.example:${port}`], ["127.0.0.1"]);
  const proxy = await startProxy(t, [list], HERE);
  const url = `http://good.example:${port}/a?b`;
  const answer = await exchange(
    proxy.port,
    `POST ${url} HTTP/1.1\r\nHost: evil.example\r\n${AUTHORIZATION}Connection: close, X-Hop\r\n` +
      "X-Hop: 1\r\nUpgrade: h2c\r\nTE: trailers\r\nX-End: 2\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3\r\nabc\r\n0\r\n\r\n",
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n.*X-Answer: yes.*the body/s);
  assert.deepEqual(seen, [
    `POST /a?b good.example:${port} abc`,
    "connection host transfer-encoding x-end",
  ]);
});

test("what could be read as another request reaches nobody", async (t) => {
  const seen: string[] = [];
  const port = await startHttp(t, async (request, response) => {
    seen.push(`${request.method} ${request.url} ${await bodyOf(request)}`);
    response.end();
  });
  const list = connectList([`good.example:${port}`], ["127.0.0.1"]);
  const proxy = await startProxy(t, [list], HERE);
  const head = `POST http://good.example:${port}/1 HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}`;
  const hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
  const smuggling = [
    `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    `${head}Content-Length: 0\r\nContent-Length: 36\r\n\r\n${hidden}`,
    `${head}Content-Length: 0, 36\r\n\r\n${hidden}`,
    `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
    `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
    `${head}X: a\r\n b\nContent-Length: 36\r\n\r\n${hidden}`,
    `${head}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${hidden}`,
    `GET http://good.example:${port}/\r\nX: y HTTP/1.1\r\n\r\n${hidden}`,
  ];
  for (const bytes of smuggling) {
    const answer = await exchange(proxy.port, bytes);
    assert.match(answer, /^(?:HTTP\/1\.1 40[07] |$)/, `${JSON.stringify(bytes)}\n${answer}`);
  }
  // not to be mistaken for a request of its own: it is one, and without the password
  const second = `${head}Content-Length: 2\r\n\r\nab${hidden}`;
  const answers = await exchange(proxy.port, second);
  assert.deepEqual(answers.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200", "HTTP/1.1 407"]);
  assert.deepEqual(
    seen.filter((one) => one !== "POST /1 "),
    ["POST /1 ab"],
  );
});

test("targets that cannot be read are refused and reported, in a form that drives no terminal", async (t) => {
  const proxy = await startProxy(t, [connectList(["*.example"])]);
  const targets = ["0x7f.1:80", "user@a.example:80", "a.example%00:80", "a.example", "b\x1b[2J:1"];
  for (const target of targets)
    assert.equal(statusOf(await exchange(proxy.port, tunnelTo(target))), 400, target);
  const seen = proxy.seen.map(({ verdict, port }) => `${verdict} ${port}`);
  assert.ok(seen.length >= 4 && seen.every((one) => one === "denied 0"), String(seen));
});

function socksRequest(host: string | readonly number[], port: number): Buffer {
  const address =
    typeof host === "string"
      ? [3, host.length, ...Buffer.from(host, "latin1")]
      : [host.length === 4 ? 1 : 4, ...host];
  return Buffer.concat([SOCKS_LOGIN, Uint8Array.of(5, 1, 0, ...address, port >> 8, port & 255)]);
}

test("SOCKS5 is decided the same way", async (t) => {
  const port = await startEcho(t);
  const list = connectList([`good.example:${port}`], [`127.0.0.1:${port}`]);
  const proxy = await startProxy(t, [list], HERE);
  const codeOf = async (bytes: Buffer): Promise<number> =>
    (await exchange(proxy.port, bytes, "\x05\x02\x01\x00\x05")).charCodeAt(5);
  const good = Buffer.concat([socksRequest("good.example", port), Buffer.from("ping")]);
  assert.match(await exchange(proxy.port, good, "ping"), /ping$/);
  assert.equal(await codeOf(socksRequest("evil.example", port)), 2);
  assert.equal(await codeOf(socksRequest("good.example", 0)), 2);
  assert.equal(await codeOf(socksRequest("good.example\0.evil.example", port)), 2);
  assert.equal(await codeOf(socksRequest("127.1", port)), 2);
  assert.equal(await codeOf(socksRequest([127, 0, 0, 1], port)), 0);
  assert.equal(await codeOf(socksRequest([127, 0, 0, 2], port)), 2);
  const mapped = [...new Array<number>(10).fill(0), 255, 255, 127, 0, 0, 1];
  assert.equal(await codeOf(socksRequest(mapped, port)), 0);
  const bind = Buffer.from(socksRequest("good.example", port));
  bind[SOCKS_LOGIN.length + 1] = 2;
  assert.equal(await codeOf(bind), 7);
});

test("clients that send nothing, or slowly, or too much, are closed", async (t) => {
  const limits = { requestMs: 300, headBytes: 4096 };
  const proxy = await startProxy(t, [connectList(["good.example"])], HERE, limits);
  const slow = [
    "",
    "CONNECT good.exam",
    "GET http://good.example/ HTTP/1.1\r\nX: ",
    "\x05\x02",
    "\x05",
  ];
  const answers = await Promise.all(
    slow.map((bytes) => {
      const socket = connect(proxy.port, "127.0.0.1");
      socket.on("error", () => {});
      if (bytes !== "") socket.write(bytes, "latin1");
      return once(socket.resume(), "close");
    }),
  );
  assert.equal(answers.length, slow.length);
  const long = `CONNECT good.example:1 HTTP/1.1\r\nX: ${"x".repeat(5000)}\r\n\r\n`;
  assert.match(await exchange(proxy.port, long), /^(?:HTTP\/1\.1 400 |$)/);
});

test("a thousand connections work at the same time; with too many, new ones are closed", async (t) => {
  const count = 1000;
  const port = await startEcho(t);
  const list = connectList([`good.example:${port}`], ["127.0.0.1"]);
  const proxy = await startProxy(t, [list], HERE, { connections: count });
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const pings = Array.from({ length: count }, async (_, i) => {
    const socket = connect(proxy.port, "127.0.0.1");
    sockets.push(socket);
    socket.write(`${tunnelTo(`good.example:${port}`)}ping ${i}.`);
    let text = "";
    socket.setEncoding("latin1");
    while (!text.endsWith(`ping ${i}.`)) text += (await once(socket, "data"))[0];
  });
  await Promise.all(pings);
  assert.equal(proxy.seen.filter(({ verdict }) => verdict === "allowed").length, count);
  assert.equal(await exchange(proxy.port, tunnelTo(`good.example:${port}`)).catch(() => ""), "");
});

test("clients that are refused keep no place by not ending their half", async (t) => {
  const proxy = await startProxy(t, [connectList(["good.example"])], HERE, { connections: 3 });
  const refused = [
    "CONNECT good.example:1 HTTP/1.1\r\n\r\n",
    tunnelTo("evil.example:1"),
    "\x05\x01\x00",
  ];
  for (const bytes of [...refused, ...refused]) {
    const socket = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
    t.after(() => socket.destroy());
    socket.on("error", () => {});
    socket.write(bytes, "latin1");
    await once(socket.resume(), "end");
  }
  assert.equal(proxy.refused(), 0);
  assert.equal(statusOf(await exchange(proxy.port, tunnelTo("evil.example:1"))), 403);
});

test("each side may end its half first, and nothing is lost", async (t) => {
  const port = await startEcho(t);
  const list = connectList([`good.example:${port}`], ["127.0.0.1"]);
  const proxy = await startProxy(t, [list], HERE);
  const socket = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
  const bytes = "x".repeat(3_000_000);
  socket.end(`${tunnelTo(`good.example:${port}`)}${bytes}`);
  const answer = (await socket.setEncoding("latin1").toArray()).join("");
  assert.equal(answer.length - answer.indexOf("\r\n\r\n") - 4, bytes.length);
});
