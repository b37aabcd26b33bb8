/** Nobody but root sees events or changes rules, and who may connect cannot stop the service by what is sent. */
import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { findPaths } from "../../src/daemon/paths.ts";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const RULE = `rule { rule_name = mine syscall_name = getppid filter_expression { UID == ${USER} }
  action { type = LOG log_format {call of %pid} } }`;
const AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

test("another user gets at nothing: commands, socket, history, state, log of the service, pins", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  // what is inside must be closed by itself: the directories of a system are open
  chmodSync(instance.directory, 0o755);
  const rules = instance.write("rule.conf", RULE);
  chmodSync(rules, 0o644);
  assert.equal((await instance.run("sct_load")).code, 0);
  assert.equal((await instance.run("sct_config", "upload", rules)).code, 0);
  await run([workplace().calls64, "loop", "3", "110"]);
  const { pinDir, socket } = findPaths(instance.directory);
  const { code, stdout } = await instance.shell(
    `cd ${instance.directory}
     try() { out=$("$@" 2>&1); status=$?; echo "$status $*: $(echo "$out" | head -n 1)"; }
     try sct status; try sct log; try sct_config download; try sct_config delete
     try sct_config upload rule.conf; try sct_config replace rule.conf; try sct_unload; try sct_load
     try cat run/lock; try ls run; try ls state; try cat state/history.db; try cat state/rules.conf
     try ls ${pinDir}
     try python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("${socket}")'`,
    ...AS_NOBODY,
  );
  assert.equal(code, 0);
  const tried = stdout.trimEnd().split("\n");
  assert.equal(tried.length, 15, stdout);
  for (const line of tried) assert.doesNotMatch(line, /^0 /);
  // commands say what is missing, and do not fail by accident
  for (const line of tried.slice(0, 7)) assert.match(line, /^3 .*root/, line);
  const { stdout: after } = await instance.run("sct", "status");
  assert.match(after, /^mine +LOG +3 /m);
});

test("a socket that somebody opened to all: the user id of who connects decides", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  assert.equal((await instance.run("sct_load")).code, 0);
  const { socket, runDir } = findPaths(instance.directory);
  for (const directory of [instance.directory, runDir]) chmodSync(directory, 0o755);
  chmodSync(socket, 0o666);
  const ask = `import socket; s = socket.socket(socket.AF_UNIX); s.connect("${socket}")
s.sendall(b'{"v":1,"op":"unload"}\\n'); print(s.makefile().read())`;
  const nobody = await instance.shell(`python3 -c '${ask.replaceAll("'", "'\\''")}'`, ...AS_NOBODY);
  assert.equal(nobody.code, 0, nobody.stderr);
  const { ok, error } = JSON.parse(nobody.stdout);
  assert.deepEqual([ok, error.code, error.message], [false, "privilege", "this needs root"]);
  // and nothing was done
  assert.equal((await instance.run("sct", "status")).code, 0);
});

test("garbage, endless requests and a thousand connections: the service answers and stores as before", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  assert.equal((await instance.run("sct_load")).code, 0);
  const rules = instance.write("rule.conf", RULE);
  assert.equal((await instance.run("sct_config", "upload", rules)).code, 0);
  const pid = instance.servicePid;
  const { socket: path } = findPaths(instance.directory);
  const open = (): Socket =>
    connect(path)
      .on("error", () => {})
      .resume();
  const closed = (socket: Socket): Promise<void> =>
    new Promise((resolve) => socket.once("close", () => resolve()));

  for (const garbage of [
    "\n\n\n",
    "[]\n",
    '{"v":1}\n',
    '{"v":1,"op":"upload","files":7,"includes":{}}\n',
    `${"[".repeat(100_000)}\n`,
    '{"v":1,"op":"delete","names":["\\u0000"]}\n',
    Buffer.from([0xff, 0xfe, 0, 10]),
  ]) {
    const socket = open();
    socket.end(garbage);
    await closed(socket);
  }
  // a gigabyte on one line: it is cut off long before
  const endless = open();
  const megabyte = Buffer.alloc(1 << 20, "x");
  const cut = closed(endless);
  const drained = (socket: Socket): Promise<void> =>
    new Promise((resolve) => socket.once("drain", () => resolve()));
  let sent = 0;
  while (sent < 1024 && !endless.destroyed) {
    sent++;
    if (!endless.write(megabyte)) await Promise.race([drained(endless), cut]);
  }
  assert.ok(sent < 1024, "the service reads without end");
  // who says nothing, and who stops in the middle of a word
  const many = Array.from({ length: 1000 }, open);
  for (const socket of many.slice(0, 500)) socket.write('{"v":1,"op":"sta');

  await run([workplace().calls64, "loop", "5", "110"]);
  const { code, stdout, stderr } = await instance.run("sct", "status");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^mine +LOG +5 /m);
  for (const socket of many) socket.destroy();
  assert.equal(instance.servicePid, pid);
  const { stdout: log } = await instance.run("sct", "log", "--no-time");
  assert.equal(log.split("\n").filter((line) => line.startsWith("call of ")).length, 5);
});
