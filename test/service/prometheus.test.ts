/** A real Prometheus scrapes the running service: what it has is what the rules met, also after a restart. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { Prometheus } from "../outputs/prometheus.ts";
import { freePort } from "../outputs/receiver.ts";
import { Instance } from "./instance.ts";

const RULE = `rule { rule_name = mine syscall_name = getppid filter_expression { UID == ${USER} }
  action { type = LOG log_format {call of %pid} } }`;
const calls = (count: number): Promise<unknown> =>
  run([workplace().calls64, "loop", String(count), "110"]);

test("Prometheus scrapes the service, and has as many hits as there were calls", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const port = await freePort();
  mkdirSync(join(instance.directory, "etc"));
  instance.write("etc/syscalltrack.toml", `[metrics]\nlisten = "127.0.0.1:${port}"\n`);
  const prometheus = await Prometheus.scraping(t, port);
  const becomes = (query: string, value: number): Promise<unknown> =>
    waitFor(
      `${query} to be ${value}`,
      async () => (await prometheus.query(query)) === String(value),
    );
  assert.equal((await instance.run("sct_load")).code, 0);
  const uploaded = await instance.run("sct_config", "upload", instance.write("rule.conf", RULE));
  assert.equal(uploaded.code, 0, uploaded.stderr);
  await becomes('up{job="sct"}', 1);

  const hits = 'syscalltrack_rule_hits_total{rule="mine"}';
  await calls(1234);
  await becomes(hits, 1234);
  await becomes('syscalltrack_rule_events_total{rule="mine"}', 1234);
  assert.equal(await prometheus.query('syscalltrack_rule_dropped_total{rule="mine"}'), "0");
  await calls(766);
  await becomes(hits, 2000);

  // the target is down while there is no service, the rule keeps counting, and no counter begins at 0 again
  const start = await prometheus.query("syscalltrack_start_time_seconds");
  process.kill(instance.servicePid, "SIGTERM");
  await becomes('up{job="sct"}', 0);
  await calls(500);
  assert.equal((await instance.run("sct_load")).code, 0);
  await becomes(hits, 2500);
  await becomes('up{job="sct"}', 1);
  assert.equal(await prometheus.query(`resets(${hits}[5m])`), "0");
  assert.notEqual(await prometheus.query("syscalltrack_start_time_seconds"), start);
});
