/** What rules cost in the kernel: while asked, or while configured; a program of several rules is nobody's alone. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const rule = (name: string, call: string): string =>
  `rule { rule_name = ${name} syscall_name = ${call} filter_expression { UID == ${USER} } action { type = LOG } }\n`;
const calls = (count: number): Promise<unknown> =>
  run([workplace().calls64, "loop", String(count), "110"]);

test("the time of programs by rule", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const status = async (...args: readonly string[]) =>
    JSON.parse((await instance.run("sct", "status", "--json", ...args)).stdout);
  assert.equal((await instance.run("sct_load")).code, 0);
  const first = instance.write("first.conf", rule("first", "getppid"));
  assert.equal((await instance.run("sct_config", "upload", first)).code, 0);
  await calls(100);
  const before = await status();
  assert.equal(before.measured, null);
  assert.equal("kernelNs" in before.rules[0], false);
  assert.match((await instance.run("sct", "status")).stdout, /^first .* -$/m);

  // while it is asked; other processes make calls all the time, and their runs count as well
  const [asked] = await Promise.all([status("--measure", "2s"), calls(1000)]);
  assert.ok(asked.measured.runs > 0);
  assert.ok(asked.rules[0].kernelNs > 0);
  assert.equal(asked.rules[0].sharedKernelNs, 0);
  assert.equal(asked.rules[0].kernelNs, asked.measured.ns);
  assert.match((await instance.run("sct", "status")).stdout, /^first .* \d+\.\d ms$/m);

  // configured, and in force after a reload
  mkdirSync(`${instance.directory}/etc`, { recursive: true });
  instance.write("etc/syscalltrack.toml", "[kernel]\nmeasure_time = true\n");
  const second = instance.write("second.conf", rule("second", "getpgrp"));
  assert.equal((await instance.run("sct_config", "upload", second)).code, 0);
  assert.equal(
    (await status()).measured,
    null,
    "statistics are off again, and the programs are new",
  );
  process.kill(instance.servicePid, "SIGHUP");
  const deadline = performance.now() + 60_000;
  let after = await status();
  while ((after.measured === null || after.measured.runs < 100) && performance.now() < deadline) {
    await calls(100);
    after = await status();
  }
  const [one, two] = after.rules;
  // raw tracepoints serve both rules with one program; where each call has its own, nothing is shared
  if (one.sharedKernelNs > 0) assert.equal(one.sharedKernelNs, two.sharedKernelNs);
  assert.ok(one.kernelNs + one.sharedKernelNs > 0);
  assert.ok(after.measured.ns <= one.kernelNs + two.kernelNs + one.sharedKernelNs);
  const { stdout } = await instance.run("sct", "status");
  if (one.sharedKernelNs > 0) assert.match(stdout, /^first .* ms shared$/m);
});

test("a time that is too long is refused", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  assert.equal((await instance.run("sct_load")).code, 0);
  const { code, stderr } = await instance.run("sct", "status", "--measure", "1h");
  assert.equal(code, 2, stderr);
  assert.match(stderr, /a time of more than 0s, 1m at most/);
});
