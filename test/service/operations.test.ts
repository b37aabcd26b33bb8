/** The service where something is missing: a disk, bpffs, descriptors; and with systemd's notification socket. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { findPaths } from "../../src/daemon/paths.ts";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const RULE = `rule { rule_name = mine syscall_name = getppid filter_expression { UID == ${USER} }
  action { type = LOG log_format {call of %pid} } }`;
const calls = (count: number): Promise<unknown> =>
  run([workplace().calls64, "loop", String(count), "110"]);
/** Mounts that the script makes are its own. */
const OWN_MOUNTS = ["unshare", "--mount"];

test("a state directory that is read-only: rules act, and what is not kept is reported", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  instance.write("rule.conf", RULE);
  const { stdout, stderr } = await instance.shell(
    `cd "$SCT_STATE_DIR" && mkdir state && mount --bind state state && mount -o remount,ro,bind state &&
     sct_load && sct_config upload rule.conf && sct status && sct_config replace --revert-after 60s rule.conf; echo "exit $?"
     sct_config download && sct_unload && echo unloaded`,
    ...OWN_MOUNTS,
  );
  assert.match(stdout, /^Successfully uploaded rules/m, stderr);
  assert.match(
    stdout,
    /^problem +rules in force are lost with a reboot: .*rules\.conf \(EROFS\)$/m,
  );
  assert.match(stdout, /^problem +events are not kept: /m);
  assert.match(stdout, /^mine +LOG +0 /m);
  // rules that must come back need a place where this is written
  assert.match(stdout, /^exit 3$/m);
  assert.match(stderr, /EROFS/);
  assert.match(stdout, /rule_name = mine/);
  assert.match(stdout, /^unloaded$/m);
});

test("bpffs that is not mounted is mounted; where that is impossible it says how", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  instance.write("rule.conf", RULE);
  const { code, stdout, stderr } = await instance.shell(
    `umount --lazy /sys/fs/bpf && ! mountpoint -q /sys/fs/bpf && cd "$SCT_STATE_DIR" &&
     sct_load && sct_config upload rule.conf && sct_unload`,
    ...OWN_MOUNTS,
  );
  // it is mounted in the service's own view, where the rules are pinned
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Successfully uploaded/m);
  const refused = await instance.shell(
    "umount --lazy /sys/fs/bpf && exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin sct_load",
    ...OWN_MOUNTS,
  );
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(refused.stderr, /no bpffs is mounted on \/sys\/fs\/bpf/);
  assert.match(refused.stderr, /mount -t bpf bpf \/sys\/fs\/bpf/);
});

test("two loads at once: one service, and both say so", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const all = await Promise.all([1, 2, 3].map(() => instance.run("sct_load")));
  const reported = all.map(({ code, stdout, stderr }) => `${code} ${stdout}${stderr}`).join("");
  assert.deepEqual(
    all.map(({ code }) => code),
    [0, 0, 0],
    reported,
  );
  const pid = instance.servicePid;
  assert.equal(reported.match(/^0 Successfully loaded: service /gm)?.length, 1, reported);
  assert.equal(reported.match(new RegExp(`service ${pid}\\b`, "g"))?.length, 3, reported);
});

test("unloads at once, and one while the service ends: all is gone, and none fails", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const rules = instance.write("rule.conf", RULE);
  const { pinDir } = findPaths(instance.directory);
  for (const unload of [
    () => Promise.all([1, 2].map(() => instance.run("sct_unload"))),
    async () => {
      process.kill(instance.servicePid);
      return [await instance.run("sct_unload")];
    },
  ]) {
    assert.equal((await instance.run("sct_load")).code, 0);
    // those of before come back with the service
    const uploaded = await instance.run("sct_config", "replace", rules);
    assert.equal(uploaded.code, 0, uploaded.stderr);
    for (const { code, stderr } of await unload()) assert.equal(code, 0, stderr);
    assert.equal(existsSync(pinDir), false);
    assert.equal((await instance.run("sct_config", "delete")).code, 3);
  }
});

test("what somebody else put among the pins stays, and unload says so", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const { pinDir } = findPaths(instance.directory);
  assert.equal((await instance.run("sct_load")).code, 0);
  const uploaded = await instance.run("sct_config", "upload", instance.write("rule.conf", RULE));
  assert.equal(uploaded.code, 0, uploaded.stderr);
  mkdirSync(join(pinDir, "foreign"));
  const { code, stderr } = await instance.run("sct_unload");
  assert.equal(code, 3);
  assert.match(stderr, /^sct unload: Device or resource busy: .* is still there\nSomething else/);
  assert.deepEqual(readdirSync(pinDir), ["foreign"]);
  rmdirSync(join(pinDir, "foreign"));
  assert.equal((await instance.run("sct_unload")).code, 0);
  assert.equal(existsSync(pinDir), false);
});

test("a service that is stopped: commands end, and what they asked for is not done afterwards", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  assert.equal((await instance.run("sct_load")).code, 0);
  const rules = instance.write("rule.conf", RULE);
  assert.equal((await instance.run("sct_config", "upload", rules)).code, 0);
  const pid = instance.servicePid;
  process.kill(pid, "SIGSTOP");
  const commands = ["sct status", "sct_load", "sct_unload", "sct_config delete mine"];
  const tried = await Promise.all(
    commands.map((command) => instance.shell(`SCT_TIMEOUT=3 ${command}`)),
  );
  process.kill(pid, "SIGCONT");
  for (const { code, stderr } of tried) {
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^sct[ \w]*: the service does not answer$/m);
  }
  const status = await instance.run("sct", "status", "--json");
  assert.equal(status.code, 0, status.stderr);
  const { pid: now, rules: kept } = JSON.parse(status.stdout);
  assert.deepEqual([now, kept.length], [pid, 1]);
});

test("few descriptors: connections are refused, events are stored and the socket answers again", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const loaded = await instance.shell("sct_load", "prlimit", "--nofile=80:80");
  assert.equal(loaded.code, 0, loaded.stderr);
  const uploaded = await instance.run("sct_config", "upload", instance.write("rule.conf", RULE));
  assert.equal(uploaded.code, 0, uploaded.stderr);
  const sockets: Socket[] = [];
  for (let n = 0; n < 200; n++) {
    const socket = connect(join(instance.directory, "run/control.sock"));
    socket.on("error", () => {});
    socket.resume();
    sockets.push(socket);
  }
  await Promise.all(
    sockets.map(
      (socket) => new Promise((done) => socket.once("connect", done).once("close", done)),
    ),
  );
  await calls(500);
  for (const socket of sockets) socket.destroy();
  // the service turns to those that left one by one, and has no descriptor to answer on before that
  const deadline = performance.now() + 10_000;
  let answer = await instance.run("sct", "status", "--json");
  while (answer.code !== 0 && performance.now() < deadline)
    answer = await instance.run("sct", "status", "--json");
  assert.equal(answer.code, 0, answer.stderr);
  assert.equal(JSON.parse(answer.stdout).rules[0].hits, 500);
  assert.equal((await instance.run("sct_unload")).code, 0);
  const { stdout } = await instance.run("sct", "log", "--no-time");
  assert.equal(stdout.match(/^call of/gm)?.length, 500);
});

for (const kind of ["file", "abstract"] as const) {
  test(`systemd is notified at a socket that is ${kind === "file" ? "a file" : "abstract"}`, async (t) => {
    if (!needsKernel(t)) return;
    const instance = Instance.of(t);
    const name = kind === "file" ? "notify" : `@${instance.directory}`;
    const script = fileURLToPath(new URL("notify.py", import.meta.url));
    const { code, stdout, stderr } = await instance.shell(
      `cd "$SCT_STATE_DIR" && exec python3 ${script} "${name}" sct load --foreground`,
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^READY=1\nSTATUS=0 rules in force\n(.*\n)*STOPPING=1\n$/);
  });
}
