/** Rules that take some of the calls that match, in the running kernel: exactly those, also from many threads at once. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { KEPT_COUNTS } from "../../src/compiler/index.ts";
import { randomFrom } from "../../src/engines/supervised/frequency.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { run, USER, type Watched, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const PROCESSES = 3;
const THREADS = 6;
const COUNT = 400;
const CALLS = PROCESSES * THREADS * COUNT;

const storm = (): Promise<unknown> =>
  Promise.all(
    Array.from({ length: PROCESSES }, () =>
      run([workplace().scenes, "storm", String(THREADS), String(COUNT)]),
    ),
  );

const rule = (name: string, more: string): string =>
  `rule { rule_name = ${name} syscall_name = unlink ${more} continue = yes
    filter_expression { UID == ${USER} && COMM == "scenes" } action { type = LOG } }`;

function watchRules(rules: Readonly<Record<string, string>>, seed?: number): Promise<Watched> {
  const texts = Object.entries(rules).map(([name, more]) => rule(name, more));
  return watch(texts.join("\n"), storm, { seed });
}

/** Calls that rules have taken; the ring may be too small for their events. */
function countsOf({ counters }: Watched): readonly number[] {
  return counters.rules.map(({ matched }) => matched);
}

test("calls of many threads are counted exactly", async (t) => {
  if (!needsKernel(t)) return;
  const rules = {
    one: "occurrence = 3000",
    last: `occurrence = ${CALLS}`,
    none: `occurrence = ${CALLS + 1}`,
    some: "occurrence = 101..200",
    hundredth: "occurrence = 100+100",
    process: `occurrence = ${THREADS * COUNT - 1}+ per pid`,
    thread: `occurrence = ${COUNT} per tid`,
    user: "occurrence = 7 per uid",
    namespace: "occurrence = 7 per mntns",
    threshold: "threshold = 5000/1h",
    threads: `threshold = ${COUNT - 9}/1h per tid`,
    both: "occurrence = 2+2 threshold = 100/1h",
  };
  const watched = await watchRules(rules);
  assert.deepEqual(countsOf(watched), [
    ...[1, 1, 0, 100, CALLS / 100],
    ...[2 * PROCESSES, PROCESSES * THREADS, 1, 1],
    ...[CALLS - 4999, PROCESSES * THREADS * 10, CALLS / 2 - 99],
  ]);
  for (const { missed } of watched.counters.rules) assert.equal(missed, 0);
  assert.equal(watched.counters.forgottenCounts, undefined);
});

test("a period that is over begins again with the next call, and with one count", async (t) => {
  if (!needsKernel(t)) return;
  // so short that it is over thousands of times while threads count in it
  const rules = { first: "threshold = 1/50us", rare: "threshold = 1000000/50us" };
  assert.deepEqual(countsOf(await watchRules(rules)), [CALLS, 0]);
});

test("a seed makes the choices that it makes under sct run", async (t) => {
  if (!needsKernel(t)) return;
  const rules = { chance: "chance = 30%", rest: "" };
  const random = randomFrom(7);
  const expected = Array.from({ length: CALLS }, random).filter((one) => one < 0.3).length;
  assert.deepEqual(countsOf(await watchRules(rules, 7)), [expected, CALLS]);
});

test("without a seed the kernel chooses", async (t) => {
  if (!needsKernel(t)) return;
  const rules = { never: "chance = 0.0001%", some: "chance = 50%", always: "chance = 100%" };
  const [never = 0, some = 0, always = 0] = countsOf(await watchRules(rules));
  assert.ok(never < 10, String(never));
  // nine standard deviations
  assert.ok(Math.abs(some - CALLS / 2) < 4.5 * Math.sqrt(CALLS), String(some));
  assert.equal(always, CALLS);
});

test("counts that are forgotten for others are counted", async (t) => {
  if (!needsKernel(t)) return;
  const count = KEPT_COUNTS + 30_000;
  const seek = `import os
fd = os.open("/usr/bin/python3", os.O_RDONLY)
for i in range(1000000, 1000000 + ${count}): os.lseek(fd, i, 0)`;
  const text = `rule { syscall_name = lseek when = after occurrence = 1 per retval
    filter_expression { UID == ${USER} && RETVAL >= 1000000 } action { type = LOG log_format {%retval} } }`;
  const { counters } = await watch(text, () => run(["/usr/bin/python3", "-c", seek]));
  assert.equal(counters.rules[0]?.matched, count);
  assert.equal(counters.forgottenCounts, 30_000);
});
