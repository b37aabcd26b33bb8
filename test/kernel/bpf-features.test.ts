/** Probes and type information against the running kernel: a feature that its version promises must be found. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { release } from "node:os";
import { after, test } from "node:test";
import { FEATURES, helperFeature, readVmlinuxBtf } from "../../src/bpf/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";

after(assertNoObjects);

/** Configuration, boot arguments or policy decide these, not the version. */
const OPTIONAL = /fentry|sleepable|fexit|fmod_ret|lsm|security modules|tp_btf|override_return/;

function isAtLeast(since: string): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = since.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

for (const feature of FEATURES) {
  test(`probe: ${feature.name}`, (t) => {
    if (!needsKernel(t)) return;
    const result = feature.probe();
    if (result.outcome === "supported") return t.diagnostic("yes");
    t.diagnostic(`no: ${result.reason}`);
    assert.ok(OPTIONAL.test(feature.name) || !isAtLeast(feature.since), result.reason);
  });
}

test("probe: a helper that the program type may not call", (t) => {
  if (!needsKernel(t)) return;
  const result = helperFeature("raw_tracepoint", "bpf_d_path", "5.10").probe();
  assert.equal(result.outcome, "not supported");
  assert.ok("reason" in result && /bpf_d_path|unknown func/.test(result.reason));
});

test("readVmlinuxBtf() answers quickly about this kernel", (t) => {
  if (!needsKernel(t)) return;
  const start = performance.now();
  const btf = readVmlinuxBtf();
  const comm = btf.memberOffset("task_struct", "comm");
  const ms = performance.now() - start;
  t.diagnostic(`${btf.typeCount} types in ${ms.toFixed(1)} ms`);
  assert.equal(comm?.size, 16);
  assert.equal(btf.memberOffset("task_struct", "thread_info.status")?.size, 4);
  assert.equal(btf.memberOffset("pt_regs", "orig_ax")?.offset, 120);
  assert.equal(btf.structSize("pt_regs"), 168);
  assert.equal(btf.functionParameters("do_unlinkat")?.[1]?.name, "name");
  assert.equal(btf.memberOffset("task_struct", "no_such_member"), undefined);
});

test("probeMachine() does not make a weaker machine of one that has no descriptors now", (t) => {
  if (!needsKernel(t)) return;
  const script = `
import { closeSync, openSync } from "node:fs";
import { probeMachine } from ${JSON.stringify(new URL("../../src/engines/kernel/index.ts", import.meta.url).href)};
const look = () => {
  try { const { hookKind, canModifyReturn, canProbe } = probeMachine(); return { hookKind, canModifyReturn, canProbe }; }
  catch (error) { return error.code; }
};
const before = look();
const held = [];
try { for (;;) held.push(openSync("/dev/null")); } catch {}
const starved = look();
for (const fd of held) closeSync(fd);
console.log(JSON.stringify({ before, starved, after: look() }));`;
  const { stdout, stderr } = spawnSync(
    "sh",
    ["-c", `ulimit -n 200; exec "$0" --input-type=module -e "$1"`, process.execPath, script],
    { encoding: "utf8" },
  );
  assert.notEqual(stdout, "", stderr);
  const { before, starved, after: later } = JSON.parse(stdout);
  assert.match(String(starved), /^(probe_inconclusive|syscall_failed)$/);
  assert.deepEqual(later, before);
});
