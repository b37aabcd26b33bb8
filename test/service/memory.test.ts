/** What the service takes, as it is installed: built, with everything in its configuration as it is by default. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { builtInstance } from "./built.ts";

const CALLS = 500_000;
const MOST_BYTES = 120e6;
const ACCESS = "21";

test(`the service stays below 120 MB over ${CALLS} events, and accounts for each`, async (t) => {
  if (!needsKernel(t)) return;
  const instance = builtInstance(t);
  const rule = `rule { rule_name = mine syscall_name = access filter_expression { UID == ${USER} } action { type = LOG } }`;
  assert.equal((await instance.run("sct_load")).code, 0);
  const pid = instance.servicePid;
  const uploaded = await instance.run("sct_config", "upload", instance.write("rule.conf", rule));
  assert.equal(uploaded.code, 0, uploaded.stderr);
  await run([workplace().calls64, "loop", String(CALLS), ACCESS, "@/srv/www/node_modules/none.js"]);
  let status = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  while (status.ring.pendingBytes > 0)
    status = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  const peak = Number(
    /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1],
  );
  const [{ hits, delivered, dropped, throttled }] = status.rules;
  const { storedEvents, bytes } = status.history;
  t.diagnostic(`${peak} kB; ${storedEvents} stored, ${throttled} throttled, ${dropped} dropped`);
  assert.equal(hits, CALLS);
  assert.equal(delivered + dropped, CALLS);
  assert.equal(storedEvents + throttled, delivered);
  assert.ok(peak * 1024 < MOST_BYTES, `${peak} kB at the peak`);
  assert.ok(bytes < 100 * CALLS, `${bytes} bytes of history`);
});
