/** Rules that take their time: the service continues meanwhile, and a command that waits shows for what. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Paths, StatusAnswer } from "../../src/daemon/index.ts";
import { findPaths } from "../../src/daemon/paths.ts";
import { ask, NotLoadedError } from "../../src/daemon/socket/client.ts";
import { needsKernel } from "../kernel/needs.ts";
import { start, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const GETPPID = "110";
const CALLS = 2_000;
const PAUSE_MS = 50;

const OLD = `rule { rule_name = old syscall_name = getppid filter_expression { UID == ${USER} } action { type = LOG } }`;

/** The kernel verifies these for seconds: each has an automaton and a shape of its own. */
const slow = (count: number): string =>
  Array.from(
    { length: count },
    (_, i) =>
      `rule { rule_name = slow${i} syscall_name = open
        filter_expression { UID == ${USER} && PARAMS[1] contains "/none-${i}" && TID + ${i} < 0 } action { type = LOG } }`,
  ).join("\n");
const SLOW = slow(300);
/** Still being verified when the end of the service has waited as long as it does. */
const ENDLESS = slow(900);

async function loaded(t: TestContext): Promise<{ instance: Instance; paths: Paths }> {
  const instance = Instance.of(t);
  const paths = findPaths(instance.directory);
  const { code, stderr } = await instance.run("sct_load");
  assert.equal(code, 0, stderr);
  const answer = await upload(paths, OLD);
  assert.ok(answer.ok, JSON.stringify(answer));
  return { instance, paths };
}

function upload(paths: Paths, text: string) {
  return ask(paths, "upload", { files: [{ name: "x.conf", text }], includes: [] });
}

async function status(paths: Paths): Promise<StatusAnswer> {
  const answer = await ask(paths, "status", {});
  assert.ok(answer.ok);
  return answer;
}

/** Asks for the state again and again until it is as wanted. */
async function until(paths: Paths, wanted: (now: StatusAnswer) => boolean): Promise<StatusAnswer> {
  for (;;) {
    const now = await status(paths);
    if (wanted(now)) return now;
  }
}

const isVerifying = ({ loading }: StatusAnswer): boolean => loading?.stage === "verifying";

test("while rules are loaded, those before act, events are stored and commands are answered", async (t) => {
  if (!needsKernel(t)) return;
  const { instance, paths } = await loaded(t);
  let rounds = 0;
  let isEnding = false;
  const calling = (async () => {
    while (!isEnding) {
      const child = start([workplace().calls64, "loop", String(CALLS), GETPPID]);
      await new Promise((resolve) => child.on("close", resolve));
      rounds++;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  try {
    const uploading = upload(paths, SLOW);
    const { events, loading, rules } = await until(paths, isVerifying);
    assert.deepEqual([loading?.rules, rules.map(({ name }) => name)], [301, ["old"]]);
    // of calls that are made now
    const { isStarting } = await until(
      paths,
      (now) => now.events > events + 2 * CALLS && now.loading !== null,
    );
    assert.equal(isStarting, false);
    const answer = await uploading;
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.equal(answer.rules.length, 301);
  } finally {
    isEnding = true;
    await calling;
  }
  const now = await until(paths, ({ ring }) => ring.pendingBytes === 0);
  assert.equal(now.loading, null);
  process.kill(instance.servicePid, "SIGTERM");
  await instance.run("sct_unload");
  let events = 0;
  for await (const line of instance.lines("sct", "log", "--json")) {
    const { rule, loss, throttled } = JSON.parse(line);
    if (rule === "old") events++;
    events += loss?.total ?? throttled?.total ?? 0;
  }
  assert.equal(events, rounds * CALLS);
});

test("rules that take too long are refused with their place, and those before stay", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc"));
  instance.write("etc/syscalltrack.toml", '[kernel]\nload_timeout = "1s"\n');
  const paths = findPaths(instance.directory);
  assert.equal((await instance.run("sct_load")).code, 0);
  const before = instance.write("before.conf", OLD);
  assert.equal((await instance.run("sct_config", "upload", before)).code, 0);
  const file = instance.write("many.conf", SLOW);
  const { code, stderr } = await instance.run("sct_config", "upload", file);
  assert.equal(code, 1, stderr);
  assert.match(
    stderr,
    /many\.conf:1:1: error: Loading the rules takes longer than 1 s: 300 of them are on `open`/,
  );
  const { rules, loading } = await status(paths);
  assert.deepEqual([rules.map(({ name }) => name), loading], [["old"], null]);
  assert.equal(readFileSync(paths.rules, "utf8").match(/rule_name/g)?.length, 1);
});

for (const [how, end] of [
  ["SIGTERM", (instance: Instance) => process.kill(instance.servicePid, "SIGTERM")],
  ["sct unload", (instance: Instance) => void instance.run("sct_unload")],
] as const) {
  test(`${how} does not wait for rules that are being loaded`, async (t) => {
    if (!needsKernel(t)) return;
    const { instance, paths } = await loaded(t);
    const uploading = upload(paths, ENDLESS);
    await until(paths, isVerifying);
    const began = performance.now();
    end(instance);
    const answer = await uploading;
    t.diagnostic(`${Math.round(performance.now() - began)} ms until the upload is given up`);
    assert.equal(!answer.ok && answer.error.code, "ending");
    await assert.rejects(async () => {
      for (;;)
        await status(paths).catch((error) =>
          error instanceof NotLoadedError ? Promise.reject(error) : undefined,
        );
    }, NotLoadedError);
    const saved = readFileSync(paths.rules, "utf8");
    assert.match(saved, /rule_name = old/);
    assert.doesNotMatch(saved, /slow/);
  });
}
