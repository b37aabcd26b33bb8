/** The exit status of a service that cannot be: by it systemd knows whether to start it again (RestartPreventExitStatus=). */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findPaths } from "../../src/daemon/paths.ts";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

/** `The machine cannot`, once and for all, and `not now`. */
const NEVER = 3;
const AGAIN = 75;

test("the unit is not started again for what a refusal ends with, and is for all else", () => {
  const unit = readFileSync(new URL("../../packaging/syscalltrackd.service", import.meta.url), {
    encoding: "utf8",
  });
  assert.match(unit, /^RestartPreventExitStatus=2 3$/m);
  assert.match(unit, /^Restart=on-failure$/m);
  assert.match(unit, /^StartLimitIntervalSec=0$/m);
});

test("what does not change by itself: privileges, another service", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const caps = "-sys_admin,-bpf,-perfmon";
  const powerless = ["setpriv", `--bounding-set=${caps}`, `--inh-caps=${caps}`];
  const denied = await instance.shell("exec syscalltrackd", ...powerless);
  assert.equal(denied.code, NEVER, denied.stderr);
  assert.match(denied.stderr, /^syscalltrackd: Cannot .* gives EPERM\nNeeds CAP_BPF/m);
  assert.equal((await instance.run("sct_load")).code, 0);
  const second = await instance.shell("exec syscalltrackd");
  assert.equal(second.code, NEVER, second.stderr);
  assert.match(second.stderr, /running already/);
});

test("what may be over soon: a limit of descriptors that is reached in the middle of the start", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const state = join(instance.directory, "state");
  mkdirSync(state);
  instance.write("state/rules.conf", "");
  instance.write("state/revert.json", '{"source":"","dueMs":1e15,"afterMs":3600000}');
  /** It was killed: it would have continued. */
  const ENOUGH = 137;
  const codes: number[] = [];
  // Node itself needs some twenty; how many exactly, depends on what we inherit
  for (let limit = 27; limit < 40 && !codes.includes(ENOUGH); limit++) {
    const { code, stderr } = await instance.shell(
      'timeout --signal=KILL 5 syscalltrackd; exit "$?"',
      "prlimit",
      `--nofile=${limit}:${limit}`,
    );
    assert.notEqual(code, NEVER, stderr);
    codes.push(code);
  }
  t.diagnostic(codes.join(" "));
  assert.ok(codes.filter((code) => code === AGAIN).length > 1, codes.join(" "));
  // what could not be read is not taken for damaged
  const files = readdirSync(state).filter((name) => !name.startsWith("history.db"));
  assert.deepEqual(files.sort(), ["revert.json", "rules.conf"]);
});

test("a limit of descriptors takes no rules away, nor what waits", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const text = `rule { rule_name = kept syscall_name = getppid filter_expression { UID == ${USER} } action { type = LOG } }`;
  assert.equal((await instance.run("sct_load")).code, 0);
  const file = instance.write("kept.conf", text);
  assert.equal((await instance.run("sct_config", "upload", file)).code, 0);
  const { pinDir, runDir } = findPaths(instance.directory);
  process.kill(instance.servicePid, "SIGKILL");
  await run([workplace().calls64, "loop", "10", "110"]);
  const kept = () => {
    const generation = readdirSync(pinDir).findLast((name) => name.startsWith("generation-"));
    return [generation, existsSync(join(runDir, generation ?? "none"))];
  };
  const before = kept();
  const ENOUGH = 137;
  const codes: number[] = [];
  for (let limit = 20; limit < 80 && !codes.includes(ENOUGH); limit++) {
    const { code, stderr } = await instance.shell(
      'timeout --signal=KILL 10 syscalltrackd; exit "$?"',
      "prlimit",
      `--nofile=${limit}:${limit}`,
    );
    assert.notEqual(code, NEVER, stderr);
    assert.deepEqual(kept(), before, `${limit}: ${stderr}`);
    codes.push(code);
    // what comes now is how much is kept of events
    if (/history cannot be stored/.test(stderr)) break;
  }
  t.diagnostic(codes.join(" "));
  assert.ok(codes.filter((code) => code === AGAIN).length > 3, codes.join(" "));
  assert.equal((await instance.run("sct_load")).code, 0);
  const { rules, problems } = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  assert.deepEqual([rules[0].name, rules[0].hits, problems], ["kept", 10, []]);
  assert.equal((await instance.run("sct_unload")).code, 0);
  const { stdout } = await instance.run("sct", "log");
  if (!codes.includes(ENOUGH)) assert.equal(stdout.trim().split("\n").length, 10, stdout);
});
