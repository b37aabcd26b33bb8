/** A service that comes back: after a crash, a reboot, another version, with nothing known of the rules that act. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { deserialize, serialize } from "node:v8";
import { openPinnedLink } from "../../src/bpf/index.ts";
import { findPaths } from "../../src/daemon/paths.ts";
import { removePins } from "../../src/engines/kernel/pins.ts";
import { dieWith } from "../kernel/dying.ts";
import { needsKernel } from "../kernel/needs.ts";
import { run, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const rule = (name: string): string => `rule { rule_name = ${name} syscall_name = getppid
  filter_expression { UID == ${USER} } action { type = LOG log_format {${name} saw %pid} } }`;
const calls = (count: number): Promise<unknown> =>
  run([workplace().calls64, "loop", String(count), "110"]);

interface Status {
  readonly rules: readonly {
    readonly name: string;
    readonly hits: number;
    readonly dropped: number;
    readonly throttled: number;
  }[];
  readonly events: number;
  readonly problems: readonly string[];
}

async function statusOf(instance: Instance): Promise<Status> {
  const { stdout, stderr } = await instance.run("sct", "status", "--json");
  assert.equal(stderr, "");
  return JSON.parse(stdout) as Status;
}

async function good(instance: Instance, program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await instance.run(program, ...args);
  assert.equal(code, 0, `${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** A service with the rule `first`, and ten events of it. */
async function begin(t: TestContext): Promise<Instance> {
  const instance = Instance.of(t);
  await good(instance, "sct_load");
  await good(instance, "sct_config", "upload", instance.write("first.conf", rule("first")));
  await calls(10);
  return instance;
}

async function crash(instance: Instance): Promise<void> {
  const pid = instance.servicePid;
  process.kill(pid, "SIGKILL");
  const deadline = performance.now() + 10_000;
  while (existsSync(`/proc/${pid}`) && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

const names = ({ rules }: Status): string[] => rules.map(({ name }) => name);

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, "in vain");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

for (const { when, waits, expires } of [
  { when: "while the time runs", waits: 0, expires: "8s" },
  { when: "when the time is over", waits: 2500, expires: "2s" },
]) {
  test(`rules that nobody confirmed go, also if the service is killed: it returns ${when}`, async (t) => {
    if (!needsKernel(t)) return;
    const instance = await begin(t);
    const second = instance.write("second.conf", rule("second"));
    await good(instance, "sct_config", "replace", "--revert-after", expires, second);
    await crash(instance);
    await new Promise((resolve) => setTimeout(resolve, waits));
    await good(instance, "sct_load");
    if (waits === 0) assert.deepEqual(names(await statusOf(instance)), ["second"]);
    await until(async () => names(await statusOf(instance))[0] === "first");
    assert.match(await good(instance, "sct_config", "download"), /rule_name = first/);
    // nothing to confirm is left, and the next start knows nothing of it either
    assert.notEqual((await instance.run("sct_config", "confirm")).code, 0);
    await crash(instance);
    await good(instance, "sct_load");
    assert.deepEqual(names(await statusOf(instance)), ["first"]);
  });
}

test("events that filled most of the ring while no service was there are all kept, once each", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await begin(t);
  await crash(instance);
  await calls(200_000);
  await good(instance, "sct_load");
  await until(async () => (await statusOf(instance)).events >= 200_000);
  const { rules, problems } = await statusOf(instance);
  const [{ hits, dropped, throttled } = {}] = rules;
  assert.deepEqual({ hits, dropped, throttled }, { hits: 200_010, dropped: 0, throttled: 0 });
  assert.deepEqual(problems, []);
  await good(instance, "sct_unload");
  const numbers = new Set<number>();
  let events = 0;
  for await (const line of instance.lines("sct", "log", "--json")) {
    const { seq } = JSON.parse(line);
    assert.equal(typeof seq, "number", line);
    numbers.add(seq);
    events++;
  }
  assert.deepEqual([events, numbers.size], [200_010, 200_010]);
});

test("a change while rules wait to be confirmed says that it goes with them", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await begin(t);
  const second = instance.write("second.conf", rule("second"));
  const third = instance.write("third.conf", rule("third"));
  const replaced = await instance.run("sct_config", "replace", "--revert-after", "60s", second);
  assert.doesNotMatch(replaced.stderr, /reverted/);
  const uploaded = await instance.run("sct_config", "upload", third);
  assert.equal(uploaded.code, 0);
  assert.match(uploaded.stderr, /^sct config: this change is reverted, too, .* in \d+ s; 'sct /m);
  await good(instance, "sct_config", "confirm");
  const deleted = await instance.run("sct_config", "delete", "second");
  assert.deepEqual([deleted.code, deleted.stderr], [0, ""]);
  assert.deepEqual(names(await statusOf(instance)), ["third"]);
});

test("rules that were confirmed stay, also if the service is killed", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await begin(t);
  const second = instance.write("second.conf", rule("second"));
  await good(instance, "sct_config", "replace", "--revert-after", "3s", second);
  await good(instance, "sct_config", "confirm");
  await crash(instance);
  await good(instance, "sct_load");
  await new Promise((resolve) => setTimeout(resolve, 3500));
  assert.deepEqual(names(await statusOf(instance)), ["second"]);
});

test("after a reboot the rules in force are those before it", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await begin(t);
  const { pinDir, runDir } = findPaths(instance.directory);
  await crash(instance);
  // what a reboot takes: the pins with all they hold, and /run
  removePins(pinDir);
  rmSync(runDir, { recursive: true });
  await good(instance, "sct_load");
  await calls(5);
  const { rules, problems } = await statusOf(instance);
  assert.deepEqual([rules[0]?.name, rules[0]?.hits, problems], ["first", 5, []]);
  await good(instance, "sct_unload");
  const log = await good(instance, "sct", "log", "--no-time");
  assert.ok((log.match(/^first saw/gm)?.length ?? 0) >= 5, log);
});

for (const { what, content, problem } of [
  {
    what: "revert.json",
    content: '{"source":"rule {',
    problem:
      /^rules that nobody confirmed stay in force: .*revert\.json is damaged .*; it is now .*\.damaged-/,
  },
  { what: "revert.json", content: '{"source":7}', problem: /revert\.json is damaged \(something/ },
  {
    what: "rules.conf",
    content: "rule { rule_name = first\n syscall_na",
    problem: /^the rules of .*rules\.conf are not in force: .*rules\.conf:2:2: error: /,
  },
]) {
  test(`a damaged ${what} stops nothing, also after a reboot: ${JSON.stringify(content)}`, async (t) => {
    if (!needsKernel(t)) return;
    const instance = await begin(t);
    const { pinDir, runDir, stateDir } = findPaths(instance.directory);
    await crash(instance);
    writeFileSync(join(stateDir, what), content);
    removePins(pinDir);
    rmSync(runDir, { recursive: true });
    const loaded = await instance.run("sct_load");
    assert.equal(loaded.code, what === "rules.conf" ? 1 : 0, loaded.stderr);
    assert.match(loaded.stdout, /^Successfully loaded: service/);
    const before = await statusOf(instance);
    assert.match(before.problems.join("\n"), problem);
    assert.deepEqual(names(before), what === "rules.conf" ? [] : ["first"]);
    await good(instance, "sct_config", "replace", instance.write("second.conf", rule("second")));
    const kept = readdirSync(stateDir).find((name) => name.startsWith(`${what}.damaged-`));
    assert.equal(readFileSync(join(stateDir, kept ?? ""), "utf8"), content);
    await crash(instance);
    await good(instance, "sct_load");
    const after = await statusOf(instance);
    assert.deepEqual([names(after), after.problems], [["second"], []]);
  });
}

test("of rules.d all files come into force or none, and status says which line is wrong", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc/rules.d"), { recursive: true });
  instance.write("etc/rules.d/10-good.conf", rule("good"));
  instance.write("etc/rules.d/20-bad.conf", "rule { syscall_name = getpid }\nrule { oops }\n");
  const loaded = await instance.run("sct_load");
  assert.equal(loaded.code, 1);
  assert.match(
    loaded.stderr,
    /^sct load: the rules of .*rules\.d are not in force: .*20-bad\.conf/m,
  );
  const before = await statusOf(instance);
  assert.deepEqual(before.rules, []);
  assert.match(before.problems.join("\n"), /not in force: .*20-bad\.conf:\d+:\d+: error: /);
  await crash(instance);
  instance.write("etc/rules.d/20-bad.conf", rule("better"));
  await good(instance, "sct_load");
  const after = await statusOf(instance);
  assert.deepEqual([names(after), after.problems], [["good", "better"], []]);
});

test("a version that wrote of its rules in another way is followed without a gap", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await begin(t);
  const { runDir } = findPaths(instance.directory);
  await crash(instance);
  for (const name of readdirSync(runDir).filter((one) => /^generation-\d+$/.test(one))) {
    const file = join(runDir, name);
    writeFileSync(file, serialize({ ...deserialize(readFileSync(file)), format: 1 }));
  }
  await good(instance, "sct_load");
  await calls(5);
  const { rules, problems } = await statusOf(instance);
  assert.deepEqual([rules[0]?.name, rules[0]?.hits, problems], ["first", 5, []]);
});

test("a version that lacked a map is followed without a gap, and its events are read", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await begin(t);
  const { pinDir } = findPaths(instance.directory);
  await crash(instance);
  rmSync(join(pinDir, "map-sct_turns"));
  await calls(5);
  await good(instance, "sct_load");
  await good(instance, "sct_config", "upload", instance.write("second.conf", rule("second")));
  await calls(5);
  const { rules, problems } = await statusOf(instance);
  assert.deepEqual([rules.map(({ hits }) => hits), problems], [[5, 0], []]);
  await good(instance, "sct_unload");
  const log = await good(instance, "sct", "log", "--no-time");
  assert.equal(log.match(/^first saw/gm)?.length, 20);
});

test("losses of rules that were swapped are reported once, though the service dies before it could", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc"));
  // a hundred calls fill it
  instance.write("etc/syscalltrack.toml", '[ring]\nsize = "4K"\n');
  await good(instance, "sct_load");
  await good(instance, "sct_config", "upload", instance.write("first.conf", rule("first")));
  await crash(instance);
  await calls(200);
  const text = JSON.stringify(rule("second"));
  const { pinDir, runDir } = findPaths(instance.directory);
  await dieWith({ pinDir, runDir }, `await engine.replace(checked(${text}), ${text}, die);`);
  for (let starts = 0; starts < 2; starts++) {
    await good(instance, "sct_load");
    assert.deepEqual(names(await statusOf(instance)), ["second"]);
    await crash(instance);
  }
  await good(instance, "sct_load");
  await good(instance, "sct_unload");
  let events = 0;
  let lost = 0;
  for await (const line of instance.lines("sct", "log", "--json")) {
    const one = JSON.parse(line);
    if (one.loss === undefined) events++;
    else lost += one.loss.rules.first;
  }
  t.diagnostic(`${events} events, ${lost} lost`);
  assert.ok(lost > 0);
  assert.equal(events + lost, 200);
});

test("rules of which nothing is known any more are reported, and end with the next ones", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await begin(t);
  const { runDir, stateDir } = findPaths(instance.directory);
  await crash(instance);
  rmSync(runDir, { recursive: true });
  rmSync(stateDir, { recursive: true });
  await good(instance, "sct_load");
  const before = await statusOf(instance);
  assert.deepEqual(before.rules, []);
  assert.match(before.problems.join("\n"), /^rules act that an earlier service loaded/);
  await good(instance, "sct_config", "replace", instance.write("second.conf", rule("second")));
  await calls(5);
  const { rules, problems } = await statusOf(instance);
  assert.deepEqual([rules.length, rules[0]?.hits], [1, 5]);
  // what waited in the ring belongs to rules of which nothing is known
  assert.equal(problems.length, 1, problems.join("\n"));
  assert.match(problems[0] ?? "", /^events cannot be read: 10 .*no rule set is known/);
});

const HOLDS = `
  const { openPinnedMap } = await import(${JSON.stringify(new URL("../../src/bpf/index.ts", import.meta.url).pathname)});
  const { CONTROL_SIZE, MapName } = await import(${JSON.stringify(new URL("../../src/compiler/index.ts", import.meta.url).pathname)});
  globalThis.held = openPinnedMap({ name: MapName.control, type: "array", valueSize: CONTROL_SIZE, maxEntries: 1 }, process.argv[1]);
  process.stdout.write("held");
  setTimeout(() => {}, 60_000);`;

/** Another program that holds a map of the instance, until it is killed. */
async function hold(t: TestContext, instance: Instance): Promise<ChildProcess> {
  const pin = join(findPaths(instance.directory).pinDir, "map-sct_control");
  const holder = spawn(process.execPath, ["--input-type=module", "-e", HOLDS, pin], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  return holder;
}

for (const isRunning of [true, false]) {
  test(`unload is refused while another program holds a map (${isRunning ? "running" : "killed"} service)`, async (t) => {
    if (!needsKernel(t)) return;
    const instance = await begin(t);
    const { pinDir } = findPaths(instance.directory);
    const holder = await hold(t, instance);
    const ended = once(holder, "exit");
    if (!isRunning) await crash(instance);
    const { code, stderr } = await instance.run("sct", "unload");
    assert.equal(code, 3);
    assert.match(stderr, /Device or resource busy/);
    assert.match(stderr, new RegExp(`\\b${holder.pid} \\(`));
    // nothing has changed
    if (!isRunning) await good(instance, "sct_load");
    await calls(5);
    assert.equal((await statusOf(instance)).rules[0]?.hits, 15);
    holder.kill("SIGKILL");
    await ended;
    await good(instance, "sct", "unload");
    assert.equal(existsSync(pinDir), false);
    const log = await good(instance, "sct", "log", "--no-time");
    assert.equal(log.match(/^first saw/gm)?.length, 15);
  });
}

test("unload is refused while something of the rules is pinned elsewhere", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await begin(t);
  const { pinDir } = findPaths(instance.directory);
  const elsewhere = `${dirname(pinDir)}/elsewhere ${process.pid}`;
  {
    using held = openPinnedLink(join(pinDir, "map-sct_control"));
    held.pin(elsewhere);
  }
  t.after(() => rmSync(elsewhere, { force: true }));
  const { code, stderr } = await instance.run("sct_unload");
  assert.equal(code, 3);
  assert.match(stderr, /Device or resource busy/);
  assert.ok(stderr.includes(`the pin ${elsewhere}`), stderr);
  await calls(5);
  assert.equal((await statusOf(instance)).rules[0]?.hits, 15);
  rmSync(elsewhere);
  await good(instance, "sct_unload");
  assert.equal(existsSync(pinDir), false);
});

test("unload takes its own pins for its own, also where a chroot or a container shows them again", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  instance.write("first.conf", rule("first"));
  const { pinDir } = findPaths(instance.directory);
  const { code, stdout, stderr } = await instance.shell(
    `cd "$SCT_STATE_DIR" && mkdir -p "ch root/bpf" part && sct_load && sct_config upload first.conf || exit
     mount --bind /sys/fs/bpf "ch root/bpf" && mount --bind ${pinDir} part && ls part && sct_unload`,
    ...["unshare", "--mount"],
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /generation-1[\s\S]*Successfully unloaded/);
  assert.equal(existsSync(pinDir), false);
});

test("an unload that is refused forgets no rules that are to come back", async (t) => {
  if (!needsKernel(t)) return;
  const instance = await begin(t);
  const second = instance.write("second.conf", rule("second"));
  const holder = await hold(t, instance);
  await good(instance, "sct_config", "replace", "--revert-after", "4s", second);
  assert.equal((await instance.run("sct_unload")).code, 3);
  await until(async () => names(await statusOf(instance))[0] === "first");
  const ended = once(holder, "exit");
  holder.kill("SIGKILL");
  await ended;
});
