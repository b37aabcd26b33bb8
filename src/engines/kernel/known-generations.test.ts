import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { KnownGenerations } from "./known-generations.ts";
import {
  type Generation,
  hasManifest,
  MANIFEST_FORMAT,
  readManifests,
  writeManifest,
} from "./manifest.ts";

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "sct-generations-"));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function generationOf(generation: number): Generation {
  const none = { source: "", rules: [], sites: [], notices: [] };
  return { ...none, generation, loadedAtMs: 0, firstSite: generation * 10 };
}

function write(dir: string, numbers: readonly number[], format = MANIFEST_FORMAT): void {
  for (const number of numbers)
    writeManifest(dir, {
      format,
      generation: generationOf(number),
      identifiedPaths: [],
      maps: [],
      programs: [],
    });
}

const numbersIn = (dir: string): readonly number[] =>
  readManifests(dir).map(({ generation }) => generation.generation);
const numbersOf = ({ all }: KnownGenerations): readonly number[] =>
  all.map(({ generation }) => generation);

test("readManifests() has all by number, but none that is damaged, of another format or not whole", (t) => {
  const dir = directory(t);
  write(dir, [10, 9, 2]);
  write(dir, [3], MANIFEST_FORMAT - 1);
  writeFileSync(join(dir, "generation-4"), "no manifest");
  writeFileSync(join(dir, "generation-5.new"), "cut");
  assert.deepEqual(numbersIn(dir), [2, 9, 10]);
  assert.equal(readManifests(dir)[1]?.generation.firstSite, 90);
  assert.equal(hasManifest(dir, 9), true);
  assert.equal(hasManifest(dir, 8), false);
  assert.deepEqual(readManifests(join(dir, "none")), []);
});

test("writeManifest() leaves nothing beside the file", (t) => {
  const dir = directory(t);
  write(dir, [1, 1]);
  assert.deepEqual(readdirSync(dir), ["generation-1"]);
});

for (const [what, isNew, inForce, kept] of [
  ["nothing of an earlier boot", true, 2, []],
  ["none that was never put in force", false, 2, [1, 2]],
  ["all where rules were being taken away", false, 0, [1, 2, 3]],
] as const)
  test(`KnownGenerations takes over ${what}`, (t) => {
    const dir = directory(t);
    write(dir, [1, 2, 3]);
    const known = new KnownGenerations(dir);
    known.takeOver({ isNew, inForce, end: 100 });
    assert.deepEqual(numbersOf(known), kept);
    assert.deepEqual(numbersIn(dir), kept);
  });

test("KnownGenerations forgets the oldest when their last record was read, and not sooner", (t) => {
  const dir = directory(t);
  write(dir, [1, 2, 3]);
  const known = new KnownGenerations(dir);
  known.takeOver({ isNew: false, inForce: 3, end: 100 });
  known.forget(99, 0);
  assert.deepEqual(numbersOf(known), [1, 2, 3]);
  known.forget(100, 2);
  assert.deepEqual(numbersOf(known), [2, 3]);
  assert.deepEqual(numbersIn(dir), [2, 3]);
});

test("KnownGenerations keeps one in force whatever is read, and drops no other than the last", (t) => {
  const known = new KnownGenerations(directory(t));
  const [first, second] = [generationOf(1), generationOf(2)];
  known.add(first);
  known.forget(1e15, 0);
  assert.deepEqual(numbersOf(known), [1]);
  known.add(second);
  known.drop(first);
  assert.deepEqual(numbersOf(known), [1, 2]);
  known.drop(second);
  assert.deepEqual(numbersOf(known), [1]);
});
