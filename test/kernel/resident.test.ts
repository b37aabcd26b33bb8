/** Rules that outlive the process that loaded them: pins, takeover, swaps without a gap, and nothing left at the end. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { mapInfo, openMap, openPinnedMap } from "../../src/bpf/index.ts";
import { TURNS_MAP } from "../../src/compiler/index.ts";
import {
  BusyError,
  loadingHere,
  probeMachine,
  ResidentEngine,
} from "../../src/engines/kernel/index.ts";
import { LONGEST_NOTE } from "../../src/engines/kernel/note.ts";
import { RecordReader } from "../../src/events/index.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { dieWith } from "./dying.ts";
import { needsKernel } from "./needs.ts";
import { checked, run, start, USER, workplace } from "./watching.ts";

after(assertNoObjects);

const GETPPID = "110";
const rule = (name: string): string =>
  `rule { syscall_name = getppid rule_name = ${name} filter_expression { UID == ${USER} } action { type = LOG } }`;

const place = (t: TestContext) => {
  const runDir = mkdtempSync(join(tmpdir(), "sct-resident-"));
  const pinDir = `/sys/fs/bpf/sct-test-${process.pid}-${runDir.slice(-6)}`;
  t.after(() => {
    if (existsSync(pinDir)) ResidentEngine.open({ pinDir, runDir }).unload();
    rmSync(runDir, { recursive: true });
  });
  return { pinDir, runDir, ringBytes: 1 << 20, load };
};

/** A thread for each would take longer than all the rest. */
const load = loadingHere(probeMachine());

/** Loops of a program of the test's own user. */
const calls = (count: number): Promise<unknown> =>
  run([workplace().calls64, "loop", String(count), GETPPID]);

async function replace(engine: ResidentEngine, text: string): Promise<void> {
  const result = await engine.replace(checked(text), text);
  assert.ok(result.ok);
}

/** Rule and sequence number of all that is in the ring; `keeps`: it stays there for the next reader. */
function read(engine: ResidentEngine, keeps = false): { rule: string; seq: number; gen: number }[] {
  const bytes = new Uint8Array(engine.ring.size);
  const found = [];
  const reader = new RecordReader();
  for (let size = -1; size !== 0; ) {
    size = engine.ring.copyAvailable(bytes, 0, keeps);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < size; ) {
      const length = view.getUint32(at, true) & 0x3fffffff;
      reader.open(bytes, at + 8, length);
      const owner = engine.generations.find(
        ({ firstSite, sites }) =>
          reader.site >= firstSite && reader.site < firstSite + sites.length,
      );
      assert.ok(owner, `site ${reader.site} belongs to a generation`);
      const { name } = owner.sites[reader.site - owner.firstSite]?.rule ?? {};
      found.push({ rule: name ?? "", seq: reader.seq, gen: owner.generation });
      at += (length + 8 + 7) & ~7;
    }
  }
  return found;
}

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

test("unload says who holds a part of the rules, and leaves them in force", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const engine = ResidentEngine.open(options);
  await replace(engine, rule("held"));
  const holder = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `const { openPinnedLink } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/bpf/index.ts"))});
       globalThis.link = openPinnedLink(${JSON.stringify(`${options.pinDir}/map-sct_control`)});
       console.log("held"); setInterval(() => {}, 1000);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  t.after(() => holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  assert.throws(
    () => engine.unload(),
    (error: Error) =>
      error instanceof BusyError &&
      error.message === "Device or resource busy" &&
      error.holders.some(({ pid }) => pid === holder.pid),
  );
  await calls(2);
  assert.equal(read(engine).length, 2);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  engine.unload();
  assert.equal(existsSync(options.pinDir), false);
});

test("a shared map whose pin is missing is found again, and nothing of the rules changes", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const first = ResidentEngine.open(options);
  await replace(first, rule("one"));
  const pin = join(options.pinDir, "map-sct_turns");
  const idOfTurns = (): number => {
    using map = openPinnedMap(TURNS_MAP, pin);
    return mapInfo(map).id;
  };
  const id = idOfTurns();
  first.close();
  for (const name of ["sct_turns", "sct_suspended", "sct_events", "sct_control"])
    rmSync(join(options.pinDir, `map-${name}`));
  await calls(5);
  const second = ResidentEngine.open(options);
  assert.deepEqual(
    [second.hasTakenOver, second.hasUnknownRules, second.ringId, second.current?.source],
    [true, false, first.ringId, rule("one")],
  );
  // of two maps old and new rules would not agree on who judges a call
  assert.equal(idOfTurns(), id);
  await calls(5);
  assert.equal(read(second).length, 10);
  await replace(second, rule("two"));
  await calls(5);
  assert.deepEqual(
    read(second).map(({ rule: name, seq }) => `${name} ${seq}`),
    [11, 12, 13, 14, 15].map((seq) => `two ${seq}`),
  );
  second.unload();
});

test("rules whose maps are of another shape act until others do", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const first = ResidentEngine.open(options);
  await replace(first, rule("one"));
  first.close();
  await calls(5);
  const pin = join(options.pinDir, "map-sct_control");
  rmSync(pin);
  {
    using other = openMap({ name: "sct_control", type: "array", valueSize: 24, maxEntries: 1 });
    other.pin(pin);
  }
  const acts = () => existsSync(join(options.pinDir, "earlier/generation-1/link-0"));
  for (const isFirst of [true, false]) {
    const second = ResidentEngine.open(options);
    assert.deepEqual([second.hasUnknownRules, acts(), read(second)], [true, true, []]);
    assert.match(second.leftUnread ?? "", isFirst ? /events that waited, \d+ bytes/ : /^$/);
    second.close();
  }
  const third = ResidentEngine.open(options);
  await replace(third, rule("two"));
  assert.deepEqual([third.hasUnknownRules, acts()], [false, false]);
  await calls(5);
  assert.deepEqual(
    read(third).map(({ rule: name }) => name),
    Array(5).fill("two"),
  );
  third.unload();
  assert.equal(existsSync(options.pinDir), false);
});

test("what an unfinished start has pinned is made again", (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  ResidentEngine.open(options).close();
  rmSync(join(options.pinDir, "map-sct_turns"));
  const engine = ResidentEngine.open(options);
  assert.deepEqual([engine.hasTakenOver, engine.hasUnknownRules], [false, false]);
  engine.unload();
  assert.equal(existsSync(options.pinDir), false);
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
  const told: [number, number | undefined][] = [];
  const tell: Parameters<ResidentEngine["retireOthers"]>[0] = (generation, rules) =>
    told.push([generation, rules[0]?.dropped]);
  second.retireOthers(tell);
  second.retireOthers(tell);
  assert.deepEqual(told, [[1, lost]]);
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
  third.retireOthers(tell);
  assert.equal(told.length, 1);
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
  const told: number[] = [];
  second.retireOthers((generation) => told.push(generation));
  assert.deepEqual(told, [2]);
  assert.deepEqual(
    read(second).map(({ rule: name, gen }) => `${name} ${gen}`),
    Array(5).fill("one 2"),
  );
  // its number is not given again: the history knows another rule set by it
  await replace(second, rule("two"));
  assert.equal(second.current?.generation, 3);
  second.unload();
});

test("the note is there for the next process, also where other pins are of another shape, and gone with the rules", (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const first = ResidentEngine.open(options);
  assert.equal(first.note.read(), undefined);
  const text = `${"é".repeat(LONGEST_NOTE / 2 - 1)}!`;
  assert.deepEqual([first.note.write(text), first.note.write(`${text}é`)], [true, false]);
  first.close();
  assert.equal(first.note.write("closed"), false);
  const pin = join(options.pinDir, "map-sct_control");
  rmSync(pin);
  {
    using other = openMap({ name: "sct_control", type: "array", valueSize: 24, maxEntries: 1 });
    other.pin(pin);
  }
  const second = ResidentEngine.open(options);
  assert.equal(second.note.read(), text);
  assert.equal(second.note.write(""), true);
  second.close();
  const third = ResidentEngine.open(options);
  assert.equal(third.note.read(), "");
  third.unload();
  assert.equal(existsSync(options.pinDir), false);
  const fourth = ResidentEngine.open(options);
  assert.equal(fourth.note.read(), undefined);
  fourth.unload();
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
  const told: [number, number | undefined][] = [];
  const third = rule("three");
  await engine.replace(checked(third), third, (generation, rules) =>
    told.push([generation, rules[0]?.delivered]),
  );
  assert.deepEqual(told, [
    [1, 3],
    [2, 4],
  ]);
  assert.deepEqual([engine.unfinished, pinned()], [undefined, ["generation-3"]]);
  engine.unload();
});

test("no second process takes what a living one has, and pins that were removed are made again", async (t) => {
  if (!needsKernel(t)) return;
  const options = place(t);
  const engine = ResidentEngine.open(options);
  await replace(engine, rule("one"));
  const second = spawnSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `const { ResidentEngine } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/engines/kernel/index.ts"))});
       try { ResidentEngine.open(${JSON.stringify(options)}); } catch (error) { console.log(error.message); }`,
    ],
    { encoding: "utf8" },
  );
  assert.match(second.stdout, new RegExp(`running already \\(process ${process.pid}\\)`));
  assert.equal(engine.unpinned, undefined);
  rmSync(options.pinDir, { recursive: true });
  assert.match(engine.unpinned ?? "", /^rules in force end with the service: .* was removed/);
  await replace(engine, rule("two"));
  assert.equal(engine.unpinned, undefined);
  // any single one
  const all = readdirSync(options.pinDir, { recursive: true, withFileTypes: true });
  const pins = all.filter((one) => !one.isDirectory()).map((one) => join(one.parentPath, one.name));
  assert.ok(
    pins.some((pin) => pin.endsWith("/link-0")) && pins.some((pin) => pin.endsWith("/note")),
  );
  for (const pin of pins) {
    renameSync(pin, `${pin}-away`);
    const effect = pin.endsWith("/note") ? "the next service does not hear of events" : "rules in";
    const problem = String(engine.unpinned);
    assert.ok(problem.startsWith(effect) && problem.includes(`${pin} was removed`), problem);
    renameSync(`${pin}-away`, pin);
    assert.equal(engine.unpinned, undefined);
  }
  rmSync(join(options.pinDir, "note"));
  rmSync(join(options.pinDir, "generation-2/link-0"));
  assert.match(engine.unpinned ?? "", /generation-2\/link-0 was removed/);
  await replace(engine, rule("two"));
  assert.deepEqual([engine.unpinned, existsSync(join(options.pinDir, "note"))], [undefined, true]);
  await calls(3);
  engine.close();
  const next = ResidentEngine.open(options);
  assert.deepEqual(
    [next.ringId === engine.ringId, next.current?.source, read(next).map(({ rule: name }) => name)],
    [true, rule("two"), ["two", "two", "two"]],
  );
  next.unload();
});
