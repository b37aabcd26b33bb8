/** What the service takes, as it is installed: built, with everything in its configuration as it is by default. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const CALLS = 500_000;
const MOST_BYTES = 120e6;
const ACCESS = "21";
const repository = fileURLToPath(new URL("../..", import.meta.url));

/** An instance of the service as it is shipped. */
function builtInstance(t: TestContext): Instance {
  const root = mkdtempSync(join(tmpdir(), "sct-built-"));
  // unloaded by its own programs, so before they go
  const instance = Instance.of(t, join(root, "bin"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const name of ["bin", "package.json"])
    cpSync(join(repository, name), join(root, name), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  execFileSync(process.execPath, [join(repository, "scripts/build/main.ts"), root]);
  return instance;
}

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
