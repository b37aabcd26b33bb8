/** Walls between the rooms of src: who imports whom, no cycles, and the table of docs/architecture.md. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { cycles } from "./architecture/cycles.ts";
import { importsIn, importsOf, source, sourceFiles, target } from "./architecture/imports.ts";
import { compilerSteps, contracts, rooms } from "./architecture/rooms.ts";
import { roomsTable } from "./architecture/table.ts";

/** The room of a file: the longest name that its path begins with. */
function roomOf(path: string): string {
  const room = Object.keys(rooms)
    .filter((name) => path.startsWith(`${name}/`))
    .toSorted((a, b) => b.length - a.length)[0];
  assert.ok(room !== undefined || !path.includes("/"), `${path} is in no room`);
  return room ?? "";
}

/** Helpers of tests stand in the room that they help: they may open every file, never a package of another room. */
const forTests = (path: string): boolean => path.includes("/testing/");

/** What is wrong with an import; undefined: nothing. */
function objection(path: string, specifier: string): string | undefined {
  const name = roomOf(path);
  const room = rooms[name];
  if (room === undefined) return undefined; // src/index.ts, the library's surface
  if (specifier === "(computed)") return room.computed?.includes(path) ? undefined : "is computed";
  if (specifier.startsWith("node:")) {
    return room.node || forTests(path) ? undefined : "reaches outside";
  }
  const file = target(path, specifier)?.replace(/\.ts$/, "");
  if (file === undefined) {
    return room.packages?.includes(specifier) ? undefined : "is not a dependency of this room";
  }
  if (forTests(file) && !forTests(path)) return "is for tests";
  const other = roomOf(`${file}.ts`);
  if (other === name || other === "base") return undefined;
  if (forTests(path)) return undefined;
  if (room.files?.includes(file)) return undefined;
  if (room.imports.some((door) => file === `${door}/index`)) return undefined;
  return room.imports.includes(other) ? "does not go through index.ts" : "is not in the table";
}

test("imports follow the table of rooms", () => {
  const files = sourceFiles();
  assert.ok(files.length > 50);
  const wrong = files.flatMap((path) =>
    importsOf(path).flatMap(({ specifier }) => {
      const why = objection(path, specifier);
      return why === undefined ? [] : [`${path}: ${specifier} ${why}`];
    }),
  );
  assert.deepEqual(wrong, []);
});

test("every entry of the table is used", () => {
  const used = new Set<string>();
  for (const path of sourceFiles()) {
    for (const { specifier } of importsOf(path)) {
      const name = roomOf(path);
      used.add(`${name}: ${specifier.startsWith("node:") ? "node" : specifier}`);
      used.add(`${name}: ${target(path, specifier)?.replace(/\.ts$/, "") ?? ""}`);
    }
  }
  const unused = Object.entries(rooms).flatMap(([name, room]) =>
    [
      ...room.imports.map((other) => `${other}/index`),
      ...(room.files ?? []).filter((file) => !contracts.includes(file)),
      ...(room.packages ?? []),
      ...(room.node ? ["node"] : []),
    ].flatMap((entry) => (used.has(`${name}: ${entry}`) ? [] : [`${name}: ${entry}`])),
  );
  assert.deepEqual(unused, []);
});

test("no file imports itself by way of others, types included", () => {
  const files = sourceFiles();
  const edges = new Map(
    files.map((path) => [
      path,
      importsOf(path).flatMap(({ specifier }) => target(path, specifier) ?? []),
    ]),
  );
  const found = cycles(edges);
  assert.deepEqual(found, []);
});

test("the steps of the compiler import earlier ones only", () => {
  const folder = (path: string): string => path.split("/")[1] ?? "";
  const wrong = sourceFiles().flatMap((path) => {
    const step = compilerSteps.indexOf(folder(path));
    if (!path.startsWith("compiler/") || step < 0) return [];
    return importsOf(path).flatMap(({ specifier }) => {
      const file = target(path, specifier) ?? "";
      const runsUp = file.startsWith("compiler/") && compilerSteps.indexOf(folder(file)) > step;
      return runsUp ? [`${path}: ${specifier}`] : [];
    });
  });
  assert.deepEqual(wrong, []);
});

test("the table of docs/architecture.md is this one", () => {
  const page = fileURLToPath(new URL("../docs/architecture.md", import.meta.url));
  const text = readFileSync(page, "utf8");
  const shown = /^\| room \|[\s\S]*?(?=\n\n)/m.exec(text)?.[0];
  const table = roomsTable();
  if (process.env["UPDATE_DOCS"] === "1" && process.env["CI"] === undefined && shown) {
    writeFileSync(
      page,
      text.replace(shown, () => table),
    );
    return;
  }
  assert.equal(shown, table, "UPDATE_DOCS=1 node --test test/architecture.test.ts writes it");
});

test("every form of import is seen", () => {
  const forms: Readonly<Record<string, string>> = {
    'import { a } from "./a.ts";': "./a.ts",
    'import a from "./a.ts";': "./a.ts",
    'import * as a from "./a.ts";': "./a.ts",
    "import {\n  a,\n  b,\n} from './a.ts';": "./a.ts",
    'import "./a.ts";': "./a.ts",
    'export * from "./a.ts";': "./a.ts",
    'export { a } from "./a.ts";': "./a.ts",
    'const a = await import("./a.ts");': "./a.ts",
    "const a = await import(`./a.ts`);": "./a.ts",
    "const a = await import(\n  './a.ts',\n);": "./a.ts",
    "const a = await import(name);": "(computed)",
    "const a = await import(`./${name}.ts`);": "(computed)",
    'let a: import("./a.ts").A;': "./a.ts",
    'const a = require("./a.ts");': "./a.ts",
    'const a = process.getBuiltinModule("node:fs");': "node:fs",
  };
  for (const [text, specifier] of Object.entries(forms)) {
    assert.deepEqual(
      importsIn(text).map((found) => found.specifier),
      [specifier],
      text,
    );
  }
  assert.deepEqual(importsIn('// import "./a.ts"\n/* require("b") */'), []);
  assert.deepEqual(importsIn('import type { A } from "./a.ts";'), [
    { specifier: "./a.ts", types: true },
  ]);
});

test("cycles are found", () => {
  const edges = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", ["a"]],
    ["d", []],
    ["e", ["e"]],
  ]);
  assert.deepEqual(cycles(edges), [["a", "b", "c"]]);
});

/** Names of types and of several words that two files export, with the reason. */
const SHARED_NAMES: ReadonlyMap<string, string> = new Map([
  ["parseRules", "the library's is the language's, with files and errors as programs want them"],
  ["x86_64", "the ABI itself: its numbers, its row, its notation"],
]);

test("a type, and a name of several words, is that of one thing", () => {
  const exported =
    /^export (?:abstract )?(?:async )?(?:class|interface|type|const|function) (\w+)/gm;
  const homes = new Map<string, Set<string>>();
  for (const path of sourceFiles()) {
    for (const [, name = ""] of readFileSync(`${source}/${path}`, "utf8").matchAll(exported))
      if (/^[A-Z]|[a-z0-9][A-Z]|_/.test(name))
        homes.set(name, (homes.get(name) ?? new Set()).add(path));
  }
  assert.ok(homes.size > 1000, `${homes.size}`);
  const shared = [...homes].filter(([name, paths]) => paths.size > 1 && !SHARED_NAMES.has(name));
  assert.deepEqual(
    shared.map(([name, paths]) => `${name}: ${[...paths].join(", ")}`),
    [],
  );
});
