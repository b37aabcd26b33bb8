/**
 * The service is killed at random moments under load: the rule meets every call, and every event is in the history
 * exactly once, or reported as lost, which none is unless the ring was full.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { start, USER, workplace } from "../kernel/watching.ts";
import { builtInstance } from "./built.ts";

const KILLS = Number(process.env["SCT_KILLS"] ?? 50);
/** A call that shells do not make by themselves. */
const GETSID = "124";
const BURST = 5000;
/** While it catches up with what it missed, and afterwards. */
const LONGEST_LIFE_MS = 600;
const RULE = `rule { rule_name = mine syscall_name = getsid filter_expression { UID == ${USER} }
  action { type = LOG log_format {%pid} } }`;

test(`${KILLS} times kill -9 under load: each event once`, async (t) => {
  if (!needsKernel(t)) return;
  const instance = builtInstance(t);
  const rules = instance.write("rule.conf", RULE);
  const loaded = await instance.run("sct_load");
  assert.equal(loaded.code, 0, loaded.stderr);
  assert.equal((await instance.run("sct_config", "upload", rules)).code, 0);
  // about 50,000 calls a second, as long as nobody asks it to stop; then it says how many bursts there were
  const burst = `${workplace().calls64} loop ${BURST} ${GETSID} 0`;
  const script = `trap 'stop=1' TERM; while [ -z "$stop" ]; do ${burst} && n=$((n + 1)); sleep 0.05; done; echo $n`;
  const began = performance.now();
  const load = start(["/bin/sh", "-c", script]);
  let bursts = "";
  load.stdout?.setEncoding("utf8").on("data", (text: string) => {
    bursts += text;
  });
  const ended = new Promise((resolve) => load.on("close", resolve));
  try {
    for (let i = 0; i < KILLS; i++) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_LIFE_MS));
      process.kill(instance.servicePid, "SIGKILL");
      const again = await instance.run("sct_load");
      assert.equal(again.code, 0, again.stderr);
    }
  } finally {
    load.kill("SIGTERM");
    await ended;
  }
  const calls = Number(bursts) * BURST;
  const rate = Math.round(calls / ((performance.now() - began) / 1000));
  const status = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  // what is read now was in the ring: an ordered end stores all of it
  process.kill(instance.servicePid, "SIGTERM");
  await instance.run("sct_unload");
  const [rule] = status.rules;
  // one bit for each number: there are millions
  const seen = new Uint8Array(1 << 27);
  let events = 0;
  let lost = 0;
  let throttled = 0;
  for await (const line of instance.lines("sct", "log", "--json")) {
    const seq = Number(/"seq":(\d+)/.exec(line)?.[1]);
    if (Number.isNaN(seq)) {
      const report = JSON.parse(line);
      lost += report.loss?.total ?? 0;
      throttled += report.throttled?.total ?? 0;
      continue;
    }
    const bit = 1 << (seq & 7);
    assert.ok(((seen[seq >> 3] ?? 0) & bit) === 0, `event ${seq} is there twice`);
    seen[seq >> 3] = (seen[seq >> 3] ?? 0) | bit;
    events++;
  }
  t.diagnostic(
    `${calls} calls, ${rate} a second; ${events} events, ${lost} reported as lost, ${throttled} left out`,
  );
  assert.ok(calls > 0);
  assert.equal(rule.hits, calls, "the rule acts whether the service is there or not");
  assert.equal(events + lost + throttled, calls);
  // what the kernel found no room for, and nothing else
  assert.equal(lost, rule.dropped);
});
