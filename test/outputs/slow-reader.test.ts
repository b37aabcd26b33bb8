/** Receivers that take nothing for a while: nothing stalls, and what came and what was reported as lost make the whole. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { outputEvent, runOf } from "../../src/sinks/testing/events.ts";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { linesOf, openOutputs, temporaryDirectory } from "./receiver.ts";

const COUNT = 50_000;
const events = Array.from({ length: COUNT }, (_, i) =>
  outputEvent(`event ${i} ${"x".repeat(200)}`),
);

/** Numbers of events and of losses reported in a text. */
function account(text: string): { events: number[]; lost: number } {
  const numbers = [...text.matchAll(/event (\d+) x{200}/g)].map(([, n]) => Number(n));
  const losses = [...text.matchAll(/(\d+) events? (?:was|were) not written/g)];
  return { events: numbers, lost: losses.reduce((sum, [, n]) => sum + Number(n), 0) };
}

function checkWhole(text: string): void {
  const { events: numbers, lost } = account(text);
  assert.ok(lost > 0, "something was lost, or this tests nothing");
  assert.equal(numbers.length + lost, COUNT);
  assert.equal(new Set(numbers).size, numbers.length, "nothing comes twice");
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
}

test("a TCP receiver that does not read", async (t) => {
  const directory = temporaryDirectory(t);
  let connection: Socket | undefined;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    connection = socket;
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    connection?.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const path = join(directory, "log");
  const outputs = openOutputs(
    t,
    `[[outputs]]
type = "syslog"
transport = "tcp"
address = "127.0.0.1:${port}"
queue_events = 1000
[[outputs]]
type = "file"
path = "${path}"
`,
  );
  for (let i = 0; i < COUNT; i += 500) {
    outputs.deliver(runOf(events.slice(i, i + 500)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await waitFor("the file output", () => outputs.counters()[1]?.delivered === COUNT);
  assert.equal(linesOf(path).length, COUNT);
  const parts: Buffer[] = [];
  connection?.on("data", (part) => parts.push(part));
  connection?.resume();
  await waitFor("all", () => outputs.counters()[0]?.queued === 0);
  await outputs.close();
  await waitFor("the end", () => connection?.destroyed);
  checkWhole(unframed(Buffer.concat(parts)));
});

/** Messages of RFC 6587 octet counting, one a line; fails when the frames are not right. */
function unframed(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(" ", at);
    const length = Number(bytes.toString("latin1", at, space));
    assert.ok(space - at < 6 && length > 0, "a frame begins with its length");
    lines.push(bytes.toString("utf8", space + 1, space + 1 + length));
    at = space + 1 + length;
  }
  return lines.join("\n");
}

test("a pipe that nobody reads, then slowly", async (t) => {
  const directory = temporaryDirectory(t);
  const pipe = join(directory, "pipe");
  execFileSync("mkfifo", [pipe]);
  const outputs = openOutputs(
    t,
    `[[outputs]]\ntype = "terminal"\ndevice = "${pipe}"\nqueue_events = 1000\n`,
  );
  outputs.deliver(runOf(events.slice(0, 500)));
  await waitFor("the failure", () => /ENXIO/.test(outputs.counters()[0]?.problem ?? ""));
  outputs.deliver(runOf(events.slice(500)));
  let text = "";
  const reader = createReadStream(pipe, { highWaterMark: 8192 });
  reader.on("data", (part) => {
    text += part;
  });
  const ended = new Promise<void>((resolve) => reader.on("close", () => resolve()));
  await waitFor("all", () => outputs.counters()[0]?.queued === 0);
  await outputs.close();
  await ended;
  checkWhole(text);
});
