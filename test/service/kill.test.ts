/** The service is killed at random moments under load: every event is in the history exactly once, or told as lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { start, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const KILLS = Number(process.env["SCT_KILLS"] ?? 50);
const GETPPID = "110";
const RULE = `rule { rule_name = mine syscall_name = getppid filter_expression { UID == ${USER} }
  action { type = LOG log_format {%pid} } }`;

test(`${KILLS} times kill -9 under load: each event once`, async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const rules = instance.write("rule.conf", RULE);
  const loaded = await instance.run("sct_load");
  assert.equal(loaded.code, 0, loaded.stderr);
  assert.equal((await instance.run("sct_config", "upload", rules)).code, 0);
  const load = start([workplace().calls64, "loop", "1000000000", GETPPID]);
  const ended = new Promise((resolve) => load.on("close", resolve));
  for (let i = 0; i < KILLS; i++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
    process.kill(instance.servicePid, "SIGKILL");
    const again = await instance.run("sct_load");
    assert.equal(again.code, 0, again.stderr);
  }
  load.kill("SIGKILL");
  await ended;
  const status = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  // what is read now was in the ring: an ordered end stores all of it
  process.kill(instance.servicePid, "SIGTERM");
  await instance.run("sct_unload");
  const [rule] = status.rules;
  const { stdout } = await instance.run("sct", "log", "--json");
  const seqs = new Set<number>();
  let lost = 0;
  for (const line of stdout.trimEnd().split("\n")) {
    const event = JSON.parse(line);
    if (event.loss !== undefined) lost += event.loss.total;
    else if (event.throttled !== undefined) lost += event.throttled.total;
    else {
      assert.ok(!seqs.has(event.seq), `event ${event.seq} is there twice`);
      seqs.add(event.seq);
    }
  }
  t.diagnostic(`${rule.hits} calls, ${seqs.size} events, ${lost} told as lost`);
  assert.equal(seqs.size + lost, rule.hits);
});
