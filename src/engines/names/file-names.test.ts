/** Literal paths over links that are really there, and exchanged. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { FileTest } from "../../language/index.ts";
import { FileNames, PATHS_PER_STEP } from "./file-names.ts";
import { NameResolver } from "./name-resolver.ts";
import { atOnce } from "./steps.ts";

const base = mkdtempSync(join(tmpdir(), "sct-names-"));
after(() => rmSync(base, { recursive: true, force: true }));

function fileTest(path: string): FileTest {
  const span = { file: { name: "t", text: "" }, start: 0, end: 0 };
  const subject = { kind: "pathOf", index: 1, span } as const;
  return { kind: "stringTest", op: "==", subject, pattern: Buffer.from(path, "latin1"), span };
}

function othersOf(names: FileNames, one: FileTest): readonly string[] {
  return names.others(one).map(({ pattern }) => Buffer.from(pattern).toString("latin1"));
}

test("NameResolver resolves what is there, and names what is not", () => {
  const at = mkdtempSync(join(base, "resolver-"));
  mkdirSync(join(at, "sub"));
  for (const [link, target] of [
    ["near", "sub"],
    ["far", `${at}/sub/`],
    ["up", "sub/../near/./x"],
    ["loop", "loop"],
    ["own", "/proc/self"],
    ["\xff", "sub"],
  ] as const)
    symlinkSync(target, Buffer.from(join(at, link), "latin1"));
  const resolver = new NameResolver();
  for (const [path, link, target] of [
    ["near", "near", "sub"],
    ["far/../near/x/", "sub/x", "sub/x"],
    ["up", "up", "sub/x"],
    ["\xff/x", "sub/x", "sub/x"],
    ["no/x", "no/x", "no/x"],
    ["no//../near/.", "near", "sub"],
    ["near/..", ".", "."],
    ["loop/x", "loop/x", "loop/x"],
  ] as const)
    assert.deepEqual(
      resolver.resolve(join(at, "x").slice(0, -1) + path),
      { link: join(at, link ?? ""), target: join(at, target ?? "") },
      path,
    );
  assert.equal(resolver.resolve(`${at}/own/fd`).target, "/proc/self/fd");
  assert.deepEqual(resolver.resolve("/"), { link: "/", target: "/" });
});

test("FileNames knows of an exchanged link as soon as it is asked", () => {
  const at = mkdtempSync(join(base, "links-"));
  for (const name of ["r1", "r2", "deep"]) mkdirSync(join(at, name));
  symlinkSync("r1", join(at, "current"));
  const file = fileTest(join(at, "current/file"));
  const later = fileTest(join(at, "deep/more/file"));
  const names = new FileNames([file, later]);
  atOnce(names.learn());
  try {
    assert.deepEqual(othersOf(names, file), [join(at, "r1/file")]);
    assert.deepEqual(othersOf(names, later), []);
    assert.equal(names.hasEvents() && names.refresh(), false);
    symlinkSync("r2", join(at, "next"));
    assert.equal(names.hasEvents() && names.refresh(), false, "a name that nobody asks for");
    renameSync(join(at, "next"), join(at, "current"));
    assert.equal(names.hasEvents() && names.refresh(), true);
    assert.deepEqual(othersOf(names, file), [join(at, "r2/file")]);
    // a link where there was nothing, below a directory that was exchanged
    renameSync(join(at, "deep"), join(at, "old"));
    mkdirSync(join(at, "deep"));
    assert.equal(names.hasEvents() && names.refresh(), false);
    symlinkSync(join(at, "r1"), join(at, "deep/more"));
    assert.equal(names.hasEvents() && names.refresh(), true);
    assert.deepEqual(othersOf(names, later), [join(at, "r1/file")]);
    unlinkSync(join(at, "current"));
    assert.equal(names.hasEvents() && names.refresh(), true);
    assert.deepEqual(othersOf(names, file), []);
  } finally {
    names.close();
  }
});

test("FileNames says on the event loop that something has changed", async () => {
  const at = mkdtempSync(join(base, "events-"));
  const file = fileTest(join(at, "link/file"));
  const changed = Promise.withResolvers<void>();
  const names = new FileNames([file], () => changed.resolve());
  atOnce(names.learn());
  // the watch alone does not keep a process alive
  const alive = setInterval(() => {}, 1000);
  try {
    symlinkSync("/elsewhere", join(at, "link"));
    await changed.promise;
    assert.deepEqual(othersOf(names, file), ["/elsewhere/file"]);
  } finally {
    clearInterval(alive);
    names.close();
  }
});

test("FileNames resolves a bounded number of paths in a step", () => {
  const paths = Array.from({ length: 3 * PATHS_PER_STEP }, (_, i) => join(base, `many/${i}`));
  const names = new FileNames(paths.map(fileTest));
  try {
    // the last step finds nothing left
    assert.equal([...names.learn()].length % 3, 0);
    assert.ok([...names.learn()].length >= 3);
  } finally {
    names.close();
  }
});
