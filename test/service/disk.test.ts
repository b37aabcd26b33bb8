/** The service on a disk that is full, and with a history that is damaged: it continues, says so, and accounts for every event. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const RULE = `rule { rule_name = mine syscall_name = getppid filter_expression { UID == ${USER} }
  action { type = LOG log_format {call of %pid} } }`;
const OWN_MOUNTS = ["unshare", "--mount"];

/** Events and reported losses in what `sct log --json` printed. */
function account(lines: readonly string[]): { events: number; lost: number } {
  let events = 0;
  let lost = 0;
  for (const line of lines) {
    const { seq, ...report } = JSON.parse(line);
    if (seq !== undefined) events++;
    else for (const one of Object.values<{ total?: number }>(report)) lost += one?.total ?? 0;
  }
  return { events, lost };
}

test("a full disk: rules act, what is not kept is reported and counted, and with room events are kept again", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  instance.write("rule.conf", RULE);
  const calls = `setpriv --reuid ${USER} --regid ${USER} --clear-groups ${workplace().calls64} loop`;
  const { code, stdout, stderr } = await instance.shell(
    `cd "$SCT_STATE_DIR" && mkdir state && mount -t tmpfs -o size=2m tmpfs state && sct_load && sct_config upload rule.conf
     for i in 1 2 3 4 5 6 7 8 9 10; do ${calls} 30000 110; sleep 0.4; done; sleep 2
     df state >&2; sct status --json > full.json
     mount -o remount,size=64m state && sleep 2 && ${calls} 1000 110 && sleep 2 && sct status --json > later.json
     sct log --json > log.json; sct_unload && echo unloaded`,
    ...OWN_MOUNTS,
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /unloaded/);
  const read = (name: string): string => readFileSync(join(instance.directory, name), "utf8");
  const full = JSON.parse(read("full.json"));
  const later = JSON.parse(read("later.json"));
  // a report of what is missing may have found room: then there is no problem until the next event
  assert.ok(full.history.notStoredEvents > 0, stderr);
  assert.match(read("run/service.log"), /history cannot be stored: the disk is full/);
  assert.deepEqual(later.problems, []);
  assert.equal(later.rules[0].hits, 301_000);
  const { events, lost } = account(read("log.json").split("\n").slice(0, -1));
  t.diagnostic(`${events} events kept, ${lost} reported as lost`);
  assert.ok(lost > 0 && events >= 1000);
  assert.equal(events + lost, 301_000);
});

for (const signal of ["TERM", "KILL"]) {
  test(`a full disk and SIG${signal}: the next service reports what was not kept, once`, async (t) => {
    if (!needsKernel(t)) return;
    const instance = Instance.of(t);
    instance.write("rule.conf", RULE);
    const calls = `setpriv --reuid ${USER} --regid ${USER} --clear-groups ${workplace().calls64} loop`;
    const { code, stderr } = await instance.shell(
      `cd "$SCT_STATE_DIR" && mkdir state && mount -t tmpfs -o size=2m tmpfs state && sct_load && sct_config upload rule.conf
       for i in 1 2 3 4 5 6; do ${calls} 20000 110; sleep 0.4; done; sleep 3
       dd if=/dev/zero of=state/filler bs=4k 2>/dev/null; ${calls} 5000 110; sleep 3
       pid=$(cat run/lock); kill -${signal} $pid; while [ -e /proc/$pid ]; do sleep 0.1; done
       rm state/filler; mount -o remount,size=64m state; sct_load; sleep 2; ${calls} 1000 110; sleep 1
       sct_unload; sct_load; sct_unload; sct log --json > log.json`,
      ...OWN_MOUNTS,
    );
    assert.equal(code, 0, stderr);
    const log = readFileSync(join(instance.directory, "log.json"), "utf8");
    const { events, lost } = account(log.split("\n").slice(0, -1));
    t.diagnostic(`${events} events kept, ${lost} reported as lost`);
    assert.ok(lost > 0 && events >= 1000);
    assert.equal(events + lost, 126_000);
  });
}

test("one full disk for everything, and SIGKILL: the next service reports what was not kept, once", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  instance.write("rule.conf", RULE);
  const calls = `setpriv --reuid ${USER} --regid ${USER} --clear-groups ${workplace().calls64} loop`;
  const { code, stdout, stderr } = await instance.shell(
    `cd "$SCT_STATE_DIR" && mkdir disk && mount -t tmpfs -o size=8m tmpfs disk && mkdir disk/state disk/run && ln -s disk/state disk/run . || exit
     sct_load && sct_config upload rule.conf && ${calls} 1000 110; sleep 1
     dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null
     for i in 1 2 3 4 5 6 7 8; do ${calls} 20000 110; sleep 0.3; done
     sct status --json > full.json; pid=$(cat run/lock); kill -KILL $pid
     ${calls} 5000 110; sct_load; ${calls} 5000 110; sleep 0.5
     rm disk/filler; sleep 3; sct status --json > room.json; sct_unload && echo unloaded
     sct log --json > log.json`,
    ...OWN_MOUNTS,
  );
  assert.equal(code, 0, stderr);
  const read = (name: string): string => readFileSync(join(instance.directory, name), "utf8");
  const { notStoredEvents } = JSON.parse(read("full.json")).history;
  assert.ok(notStoredEvents > 10_000, `${notStoredEvents}`);
  assert.deepEqual(JSON.parse(read("room.json")).problems, []);
  assert.match(stdout, /unloaded/);
  const { events, lost } = account(read("log.json").split("\n").slice(0, -1));
  t.diagnostic(`${events} events kept, ${lost} reported as lost`);
  assert.equal(events + lost, 171_000);
});

for (const isKept of [true, false]) {
  test(`a full run directory, ${isKept ? "with" : "without"} a history: the service and its rules stay, each loss is reported once`, async (t) => {
    if (!needsKernel(t)) return;
    const instance = Instance.of(t);
    mkdirSync(join(instance.directory, "etc"));
    const output = join(instance.directory, "events.json");
    instance.write(
      "etc/syscalltrack.toml",
      `[ring]\nsize = "64K"\n[history]\nenabled = ${isKept}\n[[outputs]]\ntype = "file"\nformat = "json"\npath = "${output}"\n`,
    );
    instance.write("rule.conf", RULE);
    instance.write("other.conf", RULE.replace("mine", "other"));
    const calls = `setpriv --reuid ${USER} --regid ${USER} --clear-groups ${workplace().calls64}`;
    const overflow = `kill -STOP $(cat run/lock); ${calls} loop 5000 110; kill -CONT $(cat run/lock)`;
    const { code, stdout, stderr } = await instance.shell(
      `cd "$SCT_STATE_DIR" && mkdir run && mount -t tmpfs -o size=256k tmpfs run && sct_load && sct_config upload rule.conf || exit
       dd if=/dev/zero of=run/filler bs=4k 2>/dev/null; pid=$(cat run/lock)
       ${overflow}; sleep 2; sct status --json > full.json
       sct_config replace other.conf 2> refused; echo "refused with $?"
       kill -9 $pid; sct_load && ${overflow}; sleep 2; sct status --json > later.json
       rm run/filler; sct_config replace other.conf && sleep 2 && sct status --json > room.json
       ${calls} loop 7 110; sct log --json > log.json; sct_unload && echo unloaded`,
      ...OWN_MOUNTS,
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /refused with 3\n[\s\S]*unloaded/, stderr);
    const read = (name: string): string => readFileSync(join(instance.directory, name), "utf8");
    assert.match(
      read("refused"),
      /^sct config: Cannot write .*run\/generation-2: ENOSPC\nMake room/,
    );
    const full = JSON.parse(read("full.json"));
    assert.match(
      full.problems.join("\n"),
      isKept ? /^$/ : /^losses may be reported twice: .*ENOSPC/,
    );
    const later = JSON.parse(read("later.json"));
    const room = JSON.parse(read("room.json"));
    assert.deepEqual(room.problems, []);
    assert.deepEqual([later.rules[0].name, later.rules[0].hits], ["mine", 10_000]);
    assert.equal(room.rules[0].name, "other");
    assert.ok(full.rules[0].dropped > 0 && later.rules[0].dropped > full.rules[0].dropped);
    if (!isKept) return;
    const reported = account(read("log.json").split("\n").slice(0, -1));
    t.diagnostic(`${reported.events} events kept, ${reported.lost} reported as lost`);
    assert.equal(reported.events + reported.lost, 10_007);
    assert.ok(reported.lost >= later.rules[0].dropped);
  });
}

for (const { damage, how } of [
  {
    how: "overwritten in the middle",
    damage: (file: string) => {
      const bytes = readFileSync(file);
      bytes.fill("garbage ", 0, Math.min(bytes.length, 64 << 10));
      writeFileSync(file, bytes);
    },
  },
  { how: "cut off", damage: (file: string) => truncateSync(file, statSync(file).size >> 1) },
]) {
  test(`a history that was ${how} is put aside and reported; events are kept in a new one`, async (t) => {
    if (!needsKernel(t)) return;
    const instance = Instance.of(t);
    const calls = (count: number): Promise<unknown> =>
      run([workplace().calls64, "loop", String(count), "110"]);
    assert.equal((await instance.run("sct_load")).code, 0);
    const rules = instance.write("rule.conf", RULE);
    assert.equal((await instance.run("sct_config", "upload", rules)).code, 0);
    await calls(20_000);
    // an ordered end: all is in the file itself
    process.kill(instance.servicePid, "SIGTERM");
    const state = join(instance.directory, "state");
    const file = join(state, "history.db");
    const deadline = performance.now() + 10_000;
    while (existsSync(`${file}-wal`) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    damage(file);
    const again = await instance.run("sct_load");
    assert.equal(again.code, 0, again.stderr);
    await calls(500);
    assert.equal((await instance.run("sct_unload")).code, 0);
    const aside = readdirSync(state).filter(
      (name) => /^history\.db.+/.test(name) && !/-(wal|shm)$/.test(name),
    );
    assert.equal(aside.length, 1, readdirSync(state).join(" "));
    const { code, stdout } = await instance.run("sct", "log", "--no-time");
    assert.equal(code, 0);
    assert.equal(stdout.match(/^call of/gm)?.length, 500);
  });
}

test("the history keeps to its size: the oldest events go, the newest stay", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc"));
  instance.write("etc/syscalltrack.toml", '[history]\nmax_size = "4M"\n');
  assert.equal((await instance.run("sct_load")).code, 0);
  const uploaded = await instance.run("sct_config", "upload", instance.write("rule.conf", RULE));
  assert.equal(uploaded.code, 0, uploaded.stderr);
  const { calls64 } = workplace();
  let last: { readonly pid: number } | undefined;
  for (let i = 0; i < 8; i++) {
    last = await run([calls64, "loop", "150000", "110"]);
    const hits = (i + 1) * 150_000;
    await waitFor("the history", async () => {
      const { history, rules } = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
      return history.storedEvents + rules[0].throttled === hits;
    });
  }
  const sizeOf = (suffix: string): number =>
    statSync(join(instance.directory, `state/history.db${suffix}`), { throwIfNoEntry: false })
      ?.size ?? 0;
  const size = sizeOf("") + sizeOf("-wal");
  const status = JSON.parse((await instance.run("sct", "status", "--json")).stdout);
  assert.equal(status.rules[0].hits, 1_200_000);
  assert.deepEqual(status.problems, []);
  assert.ok(size <= 4 << 20, `${size} bytes`);
  assert.equal((await instance.run("sct_unload")).code, 0);
  const { stdout } = await instance.run("sct", "log", "--no-time");
  const lines = stdout.split("\n").slice(0, -1);
  t.diagnostic(`${lines.length} of 1200000 events kept in ${size} bytes`);
  assert.ok(lines.length > 100_000 && lines.length < 1_200_000);
  assert.equal(lines.at(-1), `call of ${last?.pid}`);
});
