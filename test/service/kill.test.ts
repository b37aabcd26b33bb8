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
  // up to 50,000 calls a second, as long as nobody asks it to stop
  const burst = `${workplace().calls64} loop 2500 ${GETPPID}`;
  const script = `trap 'stop=1' TERM; while [ -z "$stop" ]; do ${burst}; sleep 0.05; done`;
  const load = start(["/bin/sh", "-c", script]);
  const ended = new Promise((resolve) => load.on("close", resolve));
  try {
    for (let i = 0; i < KILLS; i++) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      process.kill(instance.servicePid, "SIGKILL");
      const again = await instance.run("sct_load");
      assert.equal(again.code, 0, again.stderr);
    }
  } finally {
    load.kill("SIGTERM");
    await ended;
  }
  const status = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  // what is read now was in the ring: an ordered end stores all of it
  process.kill(instance.servicePid, "SIGTERM");
  await instance.run("sct_unload");
  const [rule] = status.rules;
  // one bit for each number: there are millions
  const seen = new Uint8Array(1 << 27);
  let events = 0;
  let lost = 0;
  for await (const line of instance.lines("sct", "log", "--json")) {
    const event = JSON.parse(line);
    if (event.loss !== undefined) lost += event.loss.total;
    else if (event.throttled !== undefined) lost += event.throttled.total;
    else {
      const bit = 1 << (event.seq & 7);
      assert.ok(((seen[event.seq >> 3] ?? 0) & bit) === 0, `event ${event.seq} is there twice`);
      seen[event.seq >> 3] = (seen[event.seq >> 3] ?? 0) | bit;
      events++;
    }
  }
  t.diagnostic(`${rule.hits} calls, ${events} events, ${lost} told as lost`);
  assert.equal(events + lost, rule.hits);
});
