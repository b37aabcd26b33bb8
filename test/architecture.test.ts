/** Holds the import table of docs/architecture.md and checks every import line of src against it. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

interface Room {
  /** Rooms it may import, through their index.ts. Everything may import base. */
  readonly imports: readonly string[];
  /** Files of other rooms that are open besides their door. */
  readonly files?: readonly string[];
  /** Whether it may import `node:` modules. */
  readonly node?: true;
  readonly packages?: readonly string[];
}

/** Contracts: types and layouts that stand between rooms. */
const LANGUAGE_TYPES = [
  "language/checked",
  "language/vocabulary",
  "language/call-view",
  "language/file-parameters",
];
const RECORD = ["events/layout", "events/site"];

const rooms: Readonly<Record<string, Room>> = {
  base: { imports: [] },
  language: { imports: [], packages: ["re2js"] },
  linux: { imports: ["language"], files: LANGUAGE_TYPES },
  sys: { imports: [], node: true, packages: ["koffi"] },
  "bpf/asm": { imports: [] },
  "bpf/btf": { imports: [] },
  // the interpreter is a reader of instructions, opcodes included
  "bpf/vm": { imports: ["bpf/asm"], files: ["bpf/asm/opcode"] },
  bpf: {
    imports: ["bpf/asm", "bpf/btf", "sys"],
    // one folder above them, and their only user
    files: ["bpf/btf/writer", "bpf/btf/storage-btf"],
    node: true,
  },
  events: { imports: ["language", "linux"], files: LANGUAGE_TYPES },
  compiler: {
    imports: ["language", "linux", "bpf/asm", "bpf/btf", "events"],
    files: [...LANGUAGE_TYPES, ...RECORD],
  },
  engines: {
    imports: ["language", "linux", "sys", "bpf", "events", "compiler"],
    files: [...LANGUAGE_TYPES, ...RECORD],
    node: true,
  },
  store: {
    imports: ["events"],
    files: [...LANGUAGE_TYPES, ...RECORD],
    node: true,
  },
  files: { imports: [], node: true },
  "rule-files": { imports: ["files"], node: true },
  library: {
    imports: [
      "language",
      "files",
      "rule-files",
      "linux",
      "events",
      "engines/kernel",
      "engines/supervised",
      "engines/context",
      "sys",
    ],
    files: ["engines/engine"],
    node: true,
  },
  testing: {
    imports: ["library", "events", "engines/supervised", "engines/context", "sys"],
    // its own process, and the rules that a process takes
    files: ["engines/engine", "library/helper", "library/protocol", "library/rule-set"],
    node: true,
  },
  daemon: {
    imports: [
      "language",
      "files",
      "rule-files",
      "linux",
      "sys",
      "bpf",
      "events",
      "engines/context",
      "engines/kernel",
      "store",
      "sinks",
    ],
    files: [...LANGUAGE_TYPES, ...RECORD, "engines/engine"],
    node: true,
  },
  sinks: {
    imports: ["events", "files", "sys"],
    files: ["language/suggest"], // a misspelt key
    node: true,
    packages: [
      "toml-eslint-parser",
      "@opentelemetry/exporter-logs-otlp-http",
      "@opentelemetry/resources",
      "@opentelemetry/sdk-logs",
    ],
  },
  cli: {
    imports: [
      "daemon",
      "store",
      "language",
      "files",
      "rule-files",
      "linux",
      "compiler",
      "events",
      "engines/kernel",
      "engines/supervised",
      "engines/context",
      "bpf", // doctor asks for its probes
      "sys", // the clock that events are stamped with
    ],
    files: [
      "engines/engine",
      "library/protocol", // sct run for the library
      "events/layout", // sct log chooses among records
      "daemon/client",
      "daemon/notify",
      "daemon/rule-set",
      "daemon/run",
      "daemon/start",
      "daemon/systemd",
      "daemon/unload",
      "language/suggest", // a misspelt command needs no parser
      "sinks/config/config", // sct check
    ],
    node: true,
  },
};

const source = fileURLToPath(new URL("../src", import.meta.url));

/** The room of a file: the longest name that its path begins with. */
function roomOf(path: string): string {
  const room = Object.keys(rooms)
    .filter((name) => path.startsWith(`${name}/`))
    .toSorted((a, b) => b.length - a.length)[0];
  assert.ok(room !== undefined || !path.includes("/"), `${path} is in no room`);
  return room ?? "";
}

function importsOf(path: string): readonly string[] {
  const text = readFileSync(join(source, path), "utf8");
  const lines = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/gm);
  return [...lines].map(([, a, b]) => a ?? b ?? "");
}

/** What is wrong with an import; undefined: nothing. */
function objection(path: string, specifier: string): string | undefined {
  const name = roomOf(path);
  const room = rooms[name];
  if (room === undefined) return undefined; // src/index.ts, the library's surface
  if (specifier.startsWith("node:")) return room.node ? undefined : "reaches outside";
  if (!specifier.startsWith(".")) {
    return room.packages?.includes(specifier) ? undefined : "is not a dependency of this room";
  }
  const target = relative(source, join(source, dirname(path), specifier)).replace(/\.ts$/, "");
  const other = roomOf(`${target}.ts`);
  if (other === name || other === "base") return undefined;
  if (room.files?.includes(target)) return undefined;
  const door = room.imports.find((allowed) => target === `${allowed}/index`);
  if (door !== undefined) return undefined;
  return room.imports.includes(other) ? "does not go through index.ts" : "is not in the table";
}

test("imports follow the table of docs/architecture.md", () => {
  const files = globSync("**/*.ts", { cwd: source }).filter((path) => !path.endsWith(".test.ts"));
  assert.ok(files.length > 50);
  const wrong = files.flatMap((path) =>
    importsOf(path).flatMap((specifier) => {
      const why = objection(path, specifier);
      return why === undefined || path.includes("/testing/")
        ? []
        : [`${path}: ${specifier} ${why}`];
    }),
  );
  assert.deepEqual(wrong, []);
});
