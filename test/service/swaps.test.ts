/** Rules are replaced again and again under load: no call is judged by none or by two, and nothing is left behind. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findPaths } from "../../src/daemon/paths.ts";
import { ask } from "../../src/daemon/socket/client.ts";
import { needsKernel } from "../kernel/needs.ts";
import { run, start, USER, workplace } from "../kernel/watching.ts";
import { Instance } from "./instance.ts";

const SWAPS = Number(process.env["SCT_SWAPS"] ?? 40);
const WARM_UP = 20;
/** Swaps between looks at the memory. */
const SAMPLE = Math.ceil(SWAPS / 12);
const CALLS = 5_000;
const PAUSE_MS = 100;
/** Calls of a process that makes them for longer than three swaps take. */
const FLOOD = 1_000_000;
const GETPPID = "110";
/** Memory of the service may move by this much, however many swaps there are. */
const SLACK_KB = 24 << 10;

const ruleText = (name: string): string =>
  `rule { rule_name = ${name} syscall_name = getppid filter_expression { UID == ${USER} }
    action { type = LOG log_format {%pid} } }`;

interface Held {
  readonly rssKb: number;
  readonly descriptors: number;
  readonly pins: readonly string[];
}

function held(pid: number, pinDir: string): Held {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const pins = readdirSync(pinDir, { recursive: true, encoding: "utf8" });
  return {
    rssKb: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    // numbers of generations grow
    pins: pins.map((name) => name.replace(/\d+/g, "N")).sort(),
  };
}

test(`${SWAPS} swaps under load: each call has one event, and the service does not grow`, async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  const paths = findPaths(instance.directory);
  assert.equal((await instance.run("sct_load")).code, 0);
  const replace = async (name: string): Promise<void> => {
    const files = [{ name: `${name}.conf`, text: ruleText(name) }];
    const answer = await ask(paths, "replace", { files, includes: [] });
    assert.ok(answer.ok, JSON.stringify(answer));
  };
  await replace("first");
  const { calls64 } = workplace();
  let rounds = 0;
  let isEnding = false;
  const load = (async () => {
    while (!isEnding) {
      const child = start([calls64, "loop", String(CALLS), GETPPID]);
      await new Promise((resolve) => child.on("close", resolve));
      rounds++;
      // what is meant is that no call is lost, and not how many lines the log can have
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  let warm: Held | undefined;
  const sizes: number[] = [];
  const began = performance.now();
  try {
    for (let i = 0; i < SWAPS; i++) {
      await replace(i % 2 === 0 ? "even" : "odd");
      if (i === WARM_UP) warm = held(instance.servicePid, paths.pinDir);
      if (i % SAMPLE === 0) sizes.push(held(instance.servicePid, paths.pinDir).rssKb);
    }
  } finally {
    isEnding = true;
    await load;
  }
  const seconds = (performance.now() - began) / 1000;
  const after = held(instance.servicePid, paths.pinDir);
  assert.ok(warm);
  t.diagnostic(
    `${(seconds / SWAPS).toFixed(3)} s a swap; ${warm.rssKb} -> ${after.rssKb} kB, ${warm.descriptors} -> ${after.descriptors} descriptors`,
  );
  t.diagnostic(`kB over time: ${sizes.join(" ")}`);
  assert.deepEqual(after.pins, warm.pins);
  assert.ok(after.descriptors <= warm.descriptors + 2, `${after.descriptors} descriptors`);
  assert.ok(after.rssKb < warm.rssKb + SLACK_KB, `${warm.rssKb} -> ${after.rssKb} kB`);

  process.kill(instance.servicePid, "SIGTERM");
  await instance.run("sct_unload");
  const { events, lost, byRule } = await logged(instance);
  t.diagnostic(`${rounds * CALLS} calls, ${events} events, ${lost} reported as lost`);
  assert.equal(events + lost, rounds * CALLS);
  assert.ok((byRule.get("even") ?? 0) > 0 && (byRule.get("odd") ?? 0) > 0);
});

test("swaps while the ring is full: what each rule set lost to its last call is reported", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "etc"));
  instance.write("etc/syscalltrack.toml", '[ring]\nsize = "64K"\n');
  assert.equal((await instance.run("sct_load")).code, 0);
  const swap = async (name: string): Promise<void> => {
    const file = instance.write(`${name}.conf`, ruleText(name));
    const { code, stderr } = await instance.run("sct_config", "replace", file);
    assert.equal(code, 0, stderr);
  };
  await swap("first");
  let made = 0;
  let isSwapping = true;
  // a swap takes as long as it takes: calls are made until the last rules have had some
  const flood = (async () => {
    for (let isLast = false; !isLast; made += FLOOD) {
      isLast = !isSwapping;
      await run([workplace().calls64, "loop", String(FLOOD), GETPPID]);
    }
  })();
  for (const name of ["second", "third"]) await swap(name);
  isSwapping = false;
  await flood;
  assert.equal((await instance.run("sct_unload")).code, 0);
  const { events, lost, byRule } = await logged(instance);
  t.diagnostic(`${events} events, ${lost} reported as lost`);
  assert.equal(events + lost, made);
  assert.ok(lost > 0 && byRule.size === 3);
});

async function logged(instance: Instance) {
  let events = 0;
  let lost = 0;
  const byRule = new Map<string, number>();
  for await (const line of instance.lines("sct", "log", "--json")) {
    const event = JSON.parse(line);
    if (event.loss !== undefined) lost += event.loss.total;
    else if (event.throttled !== undefined) lost += event.throttled.total;
    else {
      events++;
      byRule.set(event.rule, (byRule.get(event.rule) ?? 0) + 1);
    }
  }
  return { events, lost, byRule };
}
