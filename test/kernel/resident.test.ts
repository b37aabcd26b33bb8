/** Rules that outlive the process that loaded them: pins, takeover, swaps without a gap, and nothing left at the end. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { ResidentEngine } from "../../src/engines/kernel/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { dieWith } from "./dying.ts";
import { needsKernel } from "./needs.ts";
import { calls, GETPPID, place, read, replace, rule } from "./resident-engine.ts";
import { checked, start, workplace } from "./watching.ts";

after(assertNoObjects);

test("rules, counters and unread events pass to the next process", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const first = ResidentEngine.open(options);
  assert.equal(first.hasTakenOver, false);
  await replace(first, rule("one"));
  await calls(10);
  assert.equal(read(first, true).length, 10);
  first.close();
  await calls(10);
  const second = ResidentEngine.open(options);
  assert.deepEqual(
    [second.hasTakenOver, second.hasUnknownRules, second.ringId === first.ringId],
    [true, false, true],
  );
  assert.equal(second.current?.source, rule("one"));
  assert.equal(second.counters().rules[0]?.delivered, 20);
  // what the first read and did not release is read again: it may have died before it was kept
  assert.deepEqual(
    read(second).map(({ seq }) => seq),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  second.unload();
  assert.equal(existsSync(options.pinDir), false);
  assert.deepEqual(readdirSync(options.runDir), []);
});

test("a reader that dies leaves its position to the next", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const first = ResidentEngine.open(options);
  await replace(first, rule("one"));
  await calls(5);
  assert.equal(read(first, true).length, 5);
  const { position } = first.ring;
  await calls(5);
  first.close();
  const second = ResidentEngine.open(options);
  assert.equal(second.ring.seek(position), true);
  assert.deepEqual(
    read(second).map(({ seq }) => seq),
    [6, 7, 8, 9, 10],
  );
  assert.equal(second.ring.seek(position), false);
  second.unload();
});

test("swaps under load: every call is judged by exactly one rule set", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const engine = ResidentEngine.open({ ...options, ringBytes: 64 << 20 });
  await replace(engine, rule("r0"));
  const LOOPS = Number(process.env["SCT_CALLS"] ?? 60_000);
  const child = start([workplace().calls64, "loop", String(LOOPS), GETPPID]);
  const ended = once(child, "exit");
  let isRunning = true;
  ended.then(() => {
    isRunning = false;
  });
  const seen: { rule: string; gen: number; seq: number }[] = [];
  let swaps = 0;
  do {
    await replace(engine, rule(`r${++swaps}`));
    for (const one of read(engine)) seen.push(one);
  } while (isRunning || swaps < 3);
  for (const one of read(engine)) seen.push(one);
  assert.equal(engine.counters().rules[0]?.dropped, 0);
  assert.deepEqual([seen.length, new Set(seen.map(({ seq }) => seq)).size], [LOOPS, LOOPS]);
  for (const { rule, gen } of seen) assert.equal(rule, `r${gen - 1}`);
  assert.ok(engine.generations.length <= 2, "generations that were read are forgotten");
  t.diagnostic(`${swaps} swaps`);
  engine.unload();
});

test("no two rule sets of a ring begin at the same number, those without rules included", async (t) => {
  if (!needsKernel(t)) return;
  const engine = ResidentEngine.open(place(t));
  const firsts: (number | undefined)[] = [];
  for (const text of ["", "", rule("one"), "", rule("two")]) {
    await replace(engine, text);
    firsts.push(engine.current?.firstSite);
  }
  engine.unload();
  assert.equal(new Set(firsts).size, 5, firsts.join());
});

test("rules that the kernel refuses leave those before in force", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const engine = ResidentEngine.open(options);
  await replace(engine, rule("kept"));
  const bad = `rule { syscall_name = getppid when = after action { type = REWRITE rewrite { RETVAL = 1 } } }`;
  const result = await engine.replace(checked(bad), bad);
  assert.equal(result.ok, false);
  await calls(3);
  assert.deepEqual(
    read(engine).map(({ rule: name }) => name),
    ["kept", "kept", "kept"],
  );
  await replace(engine, "");
  await calls(3);
  assert.deepEqual(read(engine), []);
  engine.unload();
});

test("the last numbers of rules that were swapped are not lost with the process", async (t) => {
  if (!needsKernel(t)) return;
  // full with a hundred of calls: the others are dropped
  const options = { ...place(t), ringBytes: 4096 };
  const first = ResidentEngine.open(options);
  await replace(first, rule("one"));
  await calls(200);
  const lost = first.counters().rules[0]?.dropped ?? 0;
  assert.ok(lost > 0);
  first.close();
  const text = JSON.stringify(rule("two"));
  await dieWith(options, `await engine.replace(checked(${text}), ${text}, die);`);
  const second = ResidentEngine.open(options);
  assert.equal(second.current?.source, rule("two"));
  const reported: [number, number | undefined][] = [];
  const report: Parameters<ResidentEngine["retireOthers"]>[0] = (generation, rules) =>
    reported.push([generation, rules[0]?.dropped]);
  second.retireOthers(report);
  second.retireOthers(report);
  assert.deepEqual(reported, [[1, lost]]);
  assert.equal(existsSync(join(options.pinDir, "generation-1")), false);
  second.close();
  // before the turn nothing has gone
  await dieWith(
    options,
    `setInterval(() => { if (engine.generations.at(-1).generation === 3) die(); }, 1);
    await engine.replace(checked(${text}), ${text});`,
  );
  const third = ResidentEngine.open(options);
  assert.equal(third.current?.generation, 2);
  third.retireOthers(report);
  assert.equal(reported.length, 1);
  assert.deepEqual(
    readdirSync(options.pinDir).filter((name) => name.startsWith("generation-")),
    ["generation-2"],
  );
  third.unload();
});

test("an unload that was killed leaves events and last numbers to the next process", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const first = ResidentEngine.open(options);
  await replace(first, rule("zero"));
  await replace(first, rule("one"));
  await calls(5);
  first.close();
  await dieWith(options, "engine.unload(die);");
  await calls(5);
  const second = ResidentEngine.open(options);
  assert.deepEqual([second.current, second.hasUnknownRules], [undefined, false]);
  const reported: number[] = [];
  second.retireOthers((generation) => reported.push(generation));
  assert.deepEqual(reported, [2]);
  assert.deepEqual(
    read(second).map(({ rule: name, gen }) => `${name} ${gen}`),
    Array(5).fill("one 2"),
  );
  // its number is not given again: the history knows another rule set by it
  await replace(second, rule("two"));
  assert.equal(second.current?.generation, 3);
  second.unload();
});

test("what fails behind a swap leaves the new rules in force, and is done with the next", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const engine = ResidentEngine.open(options);
  await replace(engine, rule("one"));
  await calls(3);
  const text = rule("two");
  const result = await engine.replace(checked(text), text, () => assert.fail("no memory"));
  assert.ok(result.ok);
  assert.match(engine.unfinished ?? "", /rules before could not be taken away yet: no memory/);
  const pinned = () => readdirSync(options.pinDir).filter((name) => name.startsWith("generation-"));
  assert.deepEqual(pinned(), ["generation-1", "generation-2"]);
  await calls(4);
  assert.deepEqual(
    read(engine).map(({ rule: name }) => name),
    [...Array(3).fill("one"), ...Array(4).fill("two")],
  );
  const reported: [number, number | undefined][] = [];
  const third = rule("three");
  await engine.replace(checked(third), third, (generation, rules) =>
    reported.push([generation, rules[0]?.delivered]),
  );
  assert.deepEqual(reported, [
    [1, 3],
    [2, 4],
  ]);
  assert.deepEqual([engine.unfinished, pinned()], [undefined, ["generation-3"]]);
  engine.unload();
});
