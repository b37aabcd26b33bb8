/** Events live and stored over the sockets: who may ask, what comes, and what becomes of somebody who does not read. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { findPaths } from "../../src/daemon/paths.ts";
import { MAX_SUBSCRIBER_BYTES } from "../../src/daemon/socket/protocol.ts";
import { needsKernel } from "../kernel/needs.ts";
import { OTHER_USER, run, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const rule = (name: string, call: string): string =>
  `rule { rule_name = ${name} syscall_name = ${call} filter_expression { UID == ${USER} || UID == ${OTHER_USER} }
    action { type = LOG log_format {%sname of %pid} } }\n`;
const RULES = rule("asks_parent", "getppid") + rule("asks_self", "getpid");
const GETPPID = "110";
const GETPID = "39";
/** A group that every system has, and its number. */
const GROUP = "daemon";

interface Line {
  readonly ok?: boolean;
  readonly error?: { readonly code: string };
  readonly rule?: string;
  readonly uid?: number;
  readonly seq?: number;
  readonly loss?: { readonly total: number; readonly where: string };
  readonly end?: { readonly events: number };
  readonly history?: { readonly storedEvents?: number };
  readonly rules?: readonly { readonly throttled: number }[];
}

/** A client that reads when it is asked for a line. */
class Client {
  readonly socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string, request: object) {
    this.socket = connect(path).on("error", () => {});
    this.#lines = createInterface({ input: this.socket })[Symbol.asyncIterator]();
    this.socket.write(`${JSON.stringify({ v: 1, ...request })}\n`);
  }

  async next(): Promise<Line | undefined> {
    const { value, done } = await this.#lines.next();
    return done ? undefined : JSON.parse(value);
  }

  async take(count: number): Promise<readonly (Line | undefined)[]> {
    const lines: (Line | undefined)[] = [];
    while (lines.length < count) lines.push(await this.next());
    return lines;
  }
}

async function loaded(t: Parameters<typeof Instance.of>[0], config = ""): Promise<Instance> {
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc"));
  instance.write("etc/syscalltrack.toml", config);
  assert.equal((await instance.run("sct_load")).code, 0);
  const uploaded = await instance.run("sct_config", "upload", instance.write("r.conf", RULES));
  assert.equal(uploaded.code, 0, uploaded.stderr);
  return instance;
}

const loop = (count: number, call: string, uid = USER): Promise<unknown> =>
  run([workplace().calls64, "loop", String(count), call], { uid });

test("subscribers get the events that they ask for as they happen, and log those that are stored", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await loaded(t);
  const { socket } = findPaths(instance.directory);
  const all = new Client(socket, { op: "subscribe" });
  const self = new Client(socket, { op: "subscribe", filter: { rules: ["asks_s*"] } });
  const other = new Client(socket, {
    op: "subscribe",
    filter: { uids: [OTHER_USER], calls: ["getppid"] },
  });
  for (const one of [all, self, other]) assert.deepEqual(await one.next(), { ok: true });
  await loop(3, GETPPID);
  await loop(2, GETPID);
  await loop(1, GETPPID, OTHER_USER);
  const rules = (lines: readonly (Line | undefined)[]) => lines.map((line) => line?.rule);
  const [parent, own] = ["asks_parent", "asks_self"];
  const lines = await all.take(6);
  assert.deepEqual(rules(lines), [parent, parent, parent, own, own, parent]);
  assert.deepEqual(rules(await self.take(2)), [own, own]);
  assert.deepEqual(
    (await other.take(1)).map((line) => line?.uid),
    [OTHER_USER],
  );
  // the same lines as the history has
  const log = await instance.run("sct", "log", "--json");
  assert.deepEqual(
    log.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
    lines,
  );
  const stored = new Client(socket, { op: "log", filter: { rules: [parent] }, last: 2 });
  assert.deepEqual(await stored.next(), { ok: true });
  assert.deepEqual(await stored.take(2), [lines[2], lines[5]]);
  assert.deepEqual(await stored.next(), { end: { events: 2, damaged: 0, unknown: 0 } });
  // a request while lines come ends the subscription, and the service continues
  all.socket.write('{"v":1,"op":"status"}\n');
  assert.equal((await all.next())?.error?.code, "bad_request");
  assert.equal(await all.next(), undefined);
  assert.equal((await instance.run("sct_unload")).code, 0);
  assert.equal(await self.next(), undefined);
});

test("a subscriber that does not read delays nothing, and gets the number of what it misses", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await loaded(t);
  const { socket } = findPaths(instance.directory);
  const slow = new Client(socket, { op: "subscribe", filter: { rules: ["asks_parent"] } });
  assert.deepEqual(await slow.next(), { ok: true });
  slow.socket.pause();
  const calls = 20_000;
  await loop(calls, GETPPID);
  for (let kept = 0; kept < calls; ) {
    const status = await new Client(socket, { op: "status" }).next();
    kept = status?.history?.storedEvents ?? 0;
    assert.equal(status?.rules?.[0]?.throttled, 0);
  }
  const stored = new Client(socket, { op: "log", filter: { rules: ["asks_parent"] } });
  // the history has all of them
  let seen = 0;
  for (let line = await stored.next(); line?.end === undefined; line = await stored.next()) {
    assert.ok(line !== undefined);
    seen += line.rule === undefined ? 0 : 1;
  }
  assert.equal(seen, calls);
  slow.socket.resume();
  let received = 0;
  let missing = 0;
  while (received + missing < calls) {
    const line = await slow.next();
    assert.ok(line !== undefined);
    if (line.loss === undefined) received++;
    else {
      assert.equal(line.loss.where, "subscriber");
      missing += line.loss.total;
    }
  }
  assert.equal(received + missing, calls);
  assert.ok(missing > 0, "all of it found room");
  // beside our limit the kernel has a socket's worth
  assert.ok(received * 400 < 4 * MAX_SUBSCRIBER_BYTES, `${received} events waited`);
  await loop(1, GETPPID);
  assert.equal((await slow.next())?.rule, "asks_parent");
});

test("members of the group that may read see status and events, and change nothing; others see nothing", async (t) => {
  if (!needsKernel(t)) return;
  const gid = /^daemon:[^:]*:(\d+):/m.exec(readFileSync("/etc/group", "utf8"))?.[1];
  assert.ok(gid !== undefined, `no group ${GROUP}`);
  const instance = await loaded(t, `[access]\nread_group = "${GROUP}"\n`);
  const { readSocket, runDir } = findPaths(instance.directory);
  chmodSync(instance.directory, 0o711);
  const as = (group: string, request: object) => {
    const ask = `import json, socket
s = socket.socket(socket.AF_UNIX); s.connect("${readSocket}")
s.sendall(b'${JSON.stringify({ v: 1, ...request })}\\n'); f = s.makefile(); print(f.readline())
if "${group}" == "${gid}" and "${"op" in request ? request.op : ""}" == "log": print(f.read())`;
    const who = ["setpriv", "--reuid=65534", "--regid=65534", "--groups", group];
    return instance.shell(`timeout 20 python3 -c '${ask.replaceAll("'", "'\\''")}'`, ...who);
  };
  await loop(3, GETPPID);
  const status = await as(gid, { op: "status" });
  assert.equal(JSON.parse(status.stdout).rules[0].hits, 3, status.stderr);
  // the command finds the socket by itself
  const member = ["setpriv", "--reuid=65534", "--regid=65534", "--groups", gid];
  const command = await instance.shell("sct status", ...member);
  assert.match(command.stdout, /^asks_parent +LOG +3 /m, command.stderr);
  assert.deepEqual(JSON.parse((await as(gid, { op: "subscribe" })).stdout), { ok: true });
  const changes = [
    { op: "delete" },
    { op: "unload" },
    { op: "upload", files: [], includes: [] },
    { op: "replace", files: [], includes: [] },
    { op: "confirm" },
    { op: "download" },
    { op: "reload" },
    { op: "status", measureMs: 1 },
  ];
  for (const request of changes) {
    const { stdout, stderr } = await as(gid, request);
    assert.equal(JSON.parse(stdout).error.code, "privilege", `${request.op} ${stderr}`);
  }
  for (const refused of ["sct_config delete", "sct_unload", "sct log", `ls ${runDir}`]) {
    const { code } = await instance.shell(refused, ...member);
    assert.notEqual(code, 0, refused);
  }
  // not a member: the mode of the directory, of the socket, and then the service itself refuse
  assert.notEqual((await as("65534", { op: "status" })).code, 0);
  chmodSync(runDir, 0o755);
  assert.notEqual((await as("65534", { op: "status" })).code, 0);
  chmodSync(readSocket, 0o666);
  const stranger = await as("65534", { op: "status" });
  assert.equal(JSON.parse(stranger.stdout).error.code, "privilege", stranger.stderr);
  // out of the configuration: those who are connected are cut off as well
  const last = new Client(readSocket, { op: "subscribe" });
  assert.deepEqual(await last.next(), { ok: true });
  chmodSync(runDir, 0o710);
  instance.write("etc/syscalltrack.toml", "");
  const { socket } = findPaths(instance.directory);
  assert.deepEqual(await new Client(socket, { op: "reload" }).next(), { ok: true });
  assert.equal(await last.next(), undefined);
  assert.equal(existsSync(readSocket), false);
  const { stdout: rules } = await instance.run("sct_config", "download");
  assert.match(rules, /asks_self/);
});

test("a group that nobody knows is a problem in the status, and rules act all the same", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await loaded(t, '[access]\nread_group = "no-such-group"\n');
  const { code, stdout } = await instance.run("sct", "status");
  assert.equal(code, 0);
  assert.match(
    stdout.replace(/\s+/g, " "),
    /members of group no-such-group cannot read .* no group 'no-such-group'/,
  );
});
