/** A local datagram socket whose queue holds ten messages, the kernel's default. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as measuring } from "node:timers/promises";
import { outputEvents, runOf } from "../../src/sinks/testing/events.ts";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { linesOf, openOutputs, temporaryDirectory } from "./receiver.ts";

/** Node has no such sockets. The queue is as long as the network namespace says when the socket is made. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("ready", flush=True)
with open(sys.argv[2], "w", buffering=1) as out:
    while True: out.write(s.recv(65536).decode() + "\\n")
`;
const COUNT = 5000;
/** How long processor time is measured: a measure over time waits for nothing else. */
const MEASURED_MS = 500;

test("unix: a receiver whose queue is short gets thousands of events a second, each once", async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "socket");
  const file = join(directory, "received");
  const script = 'echo 10 >/proc/sys/net/unix/max_dgram_qlen && exec python3 -c "$0" "$@"';
  const args = ["--net", "sh", "-c", script, RECEIVER, path, file];
  const child = spawn("unshare", args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const outputs = openOutputs(t, `[[outputs]]\ntype = "syslog"\npath = "${path}"`);
  const start = performance.now();
  outputs.deliver(runOf(outputEvents(COUNT)));
  await waitFor("delivery", () => outputs.counters()[0]?.delivered === COUNT);
  const rate = Math.round((COUNT / (performance.now() - start)) * 1000);
  t.diagnostic(`${rate} events/s`);
  await waitFor("the last", () => linesOf(file).length === COUNT);
  const numbers = linesOf(file).map((line) => Number(/event (\d+)$/.exec(line)?.[1]));
  assert.deepEqual(
    numbers,
    outputEvents(COUNT).map(({ event }) => event.seq),
  );
  // with a pause of 20 ms for each ten it would be 500
  assert.ok(rate > 1000, `${rate} events/s`);

  // one that takes nothing costs no processor time, and its end is noticed
  child.kill("SIGSTOP");
  outputs.deliver(runOf(outputEvents(50, COUNT + 1)));
  await waitFor("a full queue", () => (outputs.counters()[0]?.queued ?? 0) <= 40);
  const before = process.cpuUsage();
  await measuring(MEASURED_MS);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < (MEASURED_MS * 1000) / 2, `${user + system} µs`);
  child.kill("SIGKILL");
  await waitFor("the failure", () => outputs.counters()[0]?.problem !== undefined);
  assert.match(outputs.counters()[0]?.problem ?? "", /ECONNREFUSED/);
});
