/** Pins of rules that outlive their process: who holds them, what is missing, other shapes, a second process. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { mapInfo, openMap, openPinnedMap } from "../../src/bpf/index.ts";
import { TURNS_MAP } from "../../src/compiler/index.ts";
import { HeldError, ResidentEngine } from "../../src/engines/kernel/index.ts";
import { LONGEST_NOTE } from "../../src/engines/kernel/note.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { calls, place, read, replace, rule } from "./resident-engine.ts";

after(assertNoObjects);

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
      error instanceof HeldError &&
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
    const effect = pin.endsWith("/note") ? "the next service does not learn of events" : "rules in";
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
