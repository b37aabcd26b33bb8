/** Metrics as Prometheus reads them: its own checker, and the server that scrapes. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { MetricsServer, type MetricsSnapshot, renderMetrics } from "../../src/sinks/index.ts";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { Prometheus } from "./prometheus.ts";

const HOSTILE = 'a"} 1\nforged 2\\\udcff';
const rule = {
  matched: 12,
  delivered: 10,
  limited: 1,
  dropped: 1,
  unreadable: 0,
  missed: 0,
  throttled: 3,
  kernelNs: 1_500_000_000,
};
const snapshot: MetricsSnapshot = {
  version: "1.2.3",
  startedAtMs: 1_795_446_000_000,
  generation: 4,
  rules: [
    { rule: "unlink_rule1", ...rule },
    { rule: HOSTILE, ...rule },
  ],
  recursionMisses: 0,
  readerDropped: 0,
  ring: { sizeBytes: 65_536, usedBytes: 100 },
  history: { sizeBytes: 1000, maxBytes: 2000 },
  outputs: [
    {
      name: "siem",
      type: "syslog",
      delivered: 9,
      lost: 1,
      queued: 0,
      queuedBytes: 0,
      failures: 2,
      problem: "connection refused",
    },
  ],
};

async function serve(t: TestContext, ask: () => MetricsSnapshot): Promise<MetricsServer> {
  const server = await MetricsServer.listen({ host: "127.0.0.1", port: 0 }, ask);
  t.after(() => server.close());
  return server;
}

test("promtool finds nothing to say about our metrics", () => {
  execFileSync("promtool", ["check", "metrics"], {
    input: [...renderMetrics(snapshot)].join(""),
    stdio: ["pipe", "pipe", "inherit"],
  });
});

test("Prometheus scrapes us and answers queries about it", async (t) => {
  const server = await serve(t, () => snapshot);
  const prometheus = await Prometheus.scraping(t, server.port);
  const query = (text: string) => prometheus.query(text);
  const hits = await waitFor("a scrape", () =>
    query('syscalltrack_rule_hits_total{rule="unlink_rule1"}'),
  );
  assert.equal(hits, "12");
  assert.equal(await query('syscalltrack_output_lost_total{output="siem"}'), "1");
  assert.equal(await query('syscalltrack_output_up{output="siem"}'), "0");
  assert.equal(await query("count(syscalltrack_rule_hits_total)"), "2");
  assert.equal(await query("forged"), undefined);
  assert.equal(await query("syscalltrack_rule_kernel_seconds_total"), "1.5");
});

test("MetricsServer answers nothing else, and survives what is no HTTP", async (t) => {
  const server = await serve(t, () => snapshot);
  const url = `http://127.0.0.1:${server.port}`;
  assert.equal((await fetch(`${url}/`)).status, 404);
  assert.equal((await fetch(`${url}/metrics`, { method: "POST", body: "x" })).status, 405);
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resume();
  socket.write("\u0000garbage\r\n\r\n");
  await closed;
  assert.equal((await fetch(`${url}/metrics`)).status, 200);
});

test("MetricsServer says that there are no numbers when there are none", async (t) => {
  const server = await serve(t, () => {
    throw new Error("service ends");
  });
  const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  assert.equal(answer.status, 503);
  assert.equal(await answer.text(), "service ends\n");
});
