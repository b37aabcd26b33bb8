/** What somebody removes by hand under a living service. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findPaths } from "../../src/daemon/paths.ts";
import { needsKernel } from "../kernel/needs.ts";
import { USER } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const rule = (name: string): string => `rule { rule_name = ${name} syscall_name = getppid
  filter_expression { UID == ${USER} } action { type = LOG } }`;

async function good(instance: Instance, program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await instance.run(program, ...args);
  assert.equal(code, 0, `${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, "in vain");
    await sleep(50);
  }
}

test("a run directory that is removed under the service comes back, and no second service starts", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  await good(instance, "sct_load");
  await good(instance, "sct_config", "upload", instance.write("first.conf", rule("first")));
  const { runDir, socket, lock, serviceLog } = findPaths(instance.directory);
  const pid = instance.servicePid;
  // not noticed before a second one has the lock
  process.kill(pid, "SIGSTOP");
  rmSync(runDir, { recursive: true });
  const second = instance.run("sct_load");
  await until(() => existsSync(lock) && instance.servicePid > 0);
  assert.notEqual(instance.servicePid, pid);
  process.kill(pid, "SIGCONT");
  const { code, stdout, stderr } = await second;
  assert.match(
    stdout + stderr,
    new RegExp(`(already, service|\\(process) ${pid}\\b`),
    String(code),
  );
  await until(() => existsSync(lock) && existsSync(socket) && instance.servicePid === pid);
  assert.deepEqual(
    [runDir, lock, socket].map((path) => statSync(path).mode & 0o777),
    [0o700, 0o600, 0o600],
  );
  const { problems, pid: asked } = JSON.parse(await good(instance, "sct", "status", "--json")) as {
    readonly pid: number;
    readonly problems: readonly string[];
  };
  assert.equal(asked, pid);
  assert.match(problems.join("\n"), /^somebody has removed files of the living service/);
  await until(() => readFileSync(serviceLog, "utf8").includes("somebody has removed files"));
  // the next service knows the rules
  process.kill(pid, "SIGKILL");
  await until(() => !existsSync(`/proc/${pid}`));
  await good(instance, "sct_load");
  const next = JSON.parse(await good(instance, "sct", "status", "--json")) as {
    readonly rules: readonly { readonly name: string }[];
    readonly problems: readonly string[];
  };
  assert.deepEqual([next.rules.map(({ name }) => name), next.problems], [["first"], []]);
});
