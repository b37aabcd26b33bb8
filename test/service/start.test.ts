/** A start that meets what it cannot use, and commands that meet a start. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
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

interface Status {
  readonly rules: readonly { readonly name: string }[];
  readonly problems: readonly string[];
}

async function statusOf(instance: Instance): Promise<{ names: string[]; problems: string[] }> {
  const { rules, problems } = JSON.parse(await good(instance, "sct", "status", "--json")) as Status;
  return { names: rules.map(({ name }) => name), problems: [...problems] };
}

/** With the rules directory. */
function place(t: TestContext): Instance {
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc/rules.d"), { recursive: true });
  return instance;
}

async function until(condition: () => boolean | Promise<boolean>, pollMs = 100): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, "in vain");
    await sleep(pollMs);
  }
}

test("no rules are loaded where the socket cannot be, and what is left can be unloaded", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const directory = join(instance.directory, "d".repeat(90));
  mkdirSync(join(directory, "etc/rules.d"), { recursive: true });
  instance.write(`${"d".repeat(90)}/etc/rules.d/10.conf`, rule("first"));
  const { pinDir } = findPaths(directory);
  const here = ["--state-dir", directory];
  const loaded = await instance.run("sct", "load", ...here);
  assert.equal(loaded.code, 3, loaded.stderr);
  assert.match(loaded.stderr, /its path is longer than 107 bytes\nChoose a state directory/);
  assert.equal(existsSync(pinDir), false);
  const asked = await instance.run("sct", "status", ...here);
  assert.equal(asked.code, 3);
  assert.match(asked.stderr, /not running: the path of its socket would be too long\nChoose/);
  // by a version that found out too late
  mkdirSync(pinDir);
  assert.equal(await good(instance, "sct", "unload", ...here), "Successfully unloaded\n");
  assert.equal(existsSync(pinDir), false);
});

test("unload waits for a service that starts", async (t) => {
  if (!needsKernel(t)) return;
  // on a busy machine a service may be ready before we see that it begins: then another one is tried
  for (let tries = 1; !(await unloadWhileStarting(place(t))); tries++)
    assert.ok(tries < 10, "every service was ready before it was stopped");
});

/** False: the service was ready already. */
async function unloadWhileStarting(instance: Instance): Promise<boolean> {
  instance.write("etc/rules.d/10.conf", rule("first"));
  const { pinDir, lock, socket } = findPaths(instance.directory);
  const loaded = instance.run("sct_load");
  const pid = (): number =>
    existsSync(lock) ? Number.parseInt(readFileSync(lock, "utf8"), 10) : 0;
  await until(() => pid() > 0, 1);
  process.kill(pid(), "SIGSTOP");
  const isStarting = !existsSync(socket);
  setTimeout(process.kill, isStarting ? 3000 : 0, pid(), "SIGCONT");
  const { code, stderr } = await instance.run("sct_unload");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(existsSync(pinDir), false);
  await loaded;
  return isStarting;
}

test("of rules.d only regular files are read, and none that are hidden", async (t) => {
  if (!needsKernel(t)) return;
  const instance = place(t);
  const rulesDir = join(instance.directory, "etc/rules.d");
  instance.write("etc/rules.d/10.conf", rule("first"));
  // as Emacs and vi leave them while a file is edited
  symlinkSync("root@host.1234:1", join(rulesDir, ".#10.conf"));
  instance.write("etc/rules.d/.10.conf.swp.conf", rule("second"));
  execFileSync("mkfifo", [join(instance.directory, "etc/syscalltrack.toml")]);
  await good(instance, "sct_load");
  const { names, problems } = await statusOf(instance);
  assert.deepEqual(names, ["first"]);
  assert.match(problems.join("\n"), /^the configuration is not in force, .*it is no regular file$/);
  await good(instance, "sct_unload");

  const other = place(t);
  execFileSync("mkfifo", [join(other.directory, "etc/rules.d/20.conf")]);
  assert.equal((await other.run("sct_load")).code, 1);
  assert.match(
    (await statusOf(other)).problems.join("\n"),
    /^the rules of .* are not in force: cannot read .*20\.conf: it is no regular file$/,
  );
});

test("a ring that is pinned keeps its size, and status says so", async (t) => {
  if (!needsKernel(t)) return;
  const instance = place(t);
  const configure = (size: string) =>
    instance.write("etc/syscalltrack.toml", `[ring]\nsize = "${size}"\n`);
  const problem =
    "the ring has 512K, not the 2M of the configuration: it keeps its size until 'sct unload'";
  configure("512K");
  await good(instance, "sct_load");
  assert.deepEqual((await statusOf(instance)).problems, []);
  configure("2M");
  process.kill(instance.servicePid, "SIGHUP");
  await until(async () => (await statusOf(instance)).problems.includes(problem));
  process.kill(instance.servicePid, "SIGTERM");
  await good(instance, "sct_load");
  assert.deepEqual((await statusOf(instance)).problems, [problem]);
  await good(instance, "sct_unload");
  await good(instance, "sct_load");
  assert.deepEqual((await statusOf(instance)).problems, []);
});
