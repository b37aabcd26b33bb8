/**
 * The package as it is shipped: its declarations are a golden file, it works in a project that imports it, and its
 * programs are one file each with V8's code, from any directory and under any name.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GOLDEN = join(ROOT, "docs/api.txt");
const TSC = join(ROOT, "node_modules/.bin/tsc");
const place = mkdtempSync(join(tmpdir(), "sct-api-"));
after(() => rmSync(place, { recursive: true }));

/** What a reader of the declarations needs, in the order of reading. */
const FILES = [
  "index",
  "library/index",
  "library/rule-set",
  "library/watch",
  "library/run",
  "events/event",
  "engines/engine",
  "sys/error",
  "testing/index",
  "testing/record",
  "testing/assert",
];

function run(directory: string, ...command: [string, ...string[]]): string {
  const [file, ...args] = command;
  const { stdout, stderr, status } = spawnSync(file, args, {
    cwd: directory,
    encoding: "utf8",
    // bin/sct looks for a Node that is new enough
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
  });
  assert.equal(status, 0, `${command.join(" ")}:\n${stdout}${stderr}`);
  return stdout;
}

/** The package as `npm pack` makes it, unpacked. */
function pack(): string {
  const source = join(place, "source");
  mkdirSync(source);
  for (const name of [
    ...["package.json", "bin", "examples", "packs", "README.md", "CHANGELOG.md", "LICENSE"],
  ])
    cpSync(join(ROOT, name), join(source, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(source, "node_modules"));
  run(ROOT, process.execPath, "scripts/build/main.ts", "--no-check", source);
  run(source, "npm", "pack", "--ignore-scripts", "--silent");
  const modules = join(place, "project/node_modules");
  mkdirSync(modules, { recursive: true });
  run(source, "tar", "-xzf", `syscalltrack-${version()}.tgz`, "-C", modules);
  run(modules, "mv", "package", "syscalltrack");
  for (const name of ["koffi", "@koromix", "re2js", "@types", "undici-types"])
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  return join(place, "project");
}

function version(): string {
  return (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string })
    .version;
}

const project = pack();

test("docs/api.txt is the public surface; UPDATE_GOLDEN=1 writes it", () => {
  const dist = join(project, "node_modules/syscalltrack/dist");
  const listing = FILES.map((name) => {
    const text = readFileSync(join(dist, `${name}.d.ts`), "utf8")
      .replace(/\/\*\*[\s\S]*?\*\/\n?/g, "")
      // what follows the counters is between us
      .replace(/^export interface RecordSink[\s\S]*/m, "")
      .replace(/^\s*\n/gm, "")
      .replace(/^\/\/# .*\n?/gm, "");
    return `== ${name}\n${text}`;
  }).join("\n");
  if (process.env["UPDATE_GOLDEN"] && !process.env["CI"]) writeFileSync(GOLDEN, listing);
  assert.equal(listing, readFileSync(GOLDEN, "utf8"));
});

test("the packed package type-checks in a project that uses it", () => {
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        module: "nodenext",
        target: "es2024",
        lib: ["es2024", "esnext.disposable"],
        types: ["node"],
      },
      include: ["use.ts"],
    }),
  );
  writeFileSync(
    join(project, "use.ts"),
    `import { parseRules, run, RulesError, watch, type SctEvent } from "syscalltrack";
import { assertNoSyscalls, assertSyscalls, recordSyscalls } from "syscalltrack/testing";
const rules = parseRules("rule { syscall_name = unlink action { type = LOG } }");
const { exitCode, signal }: { exitCode: number | null; signal: NodeJS.Signals | null } = await run(rules, ["npm", "ci"], { onEvent: (event: SctEvent) => console.log(event.path) });
for await (const event of run(rules, ["true"])) console.log(event.pid);
for await (const { rule, uid } of watch(rules)) { console.log(rule, uid, exitCode, signal, RulesError); break; }
const value: number = await assertNoSyscalls("@network", async () => 1);
const result: number | null = (await assertNoSyscalls("@network", ["true"])).exitCode;
const count: number = (await recordSyscalls("open", () => "x")).count;
await assertSyscalls("open", { atMost: count }, () => [value, result]);
// @ts-expect-error: events are objects of one shape
for await (const event of run(rules, ["true"])) event.nothing;
`,
  );
  run(project, TSC, "-p", ".");
});

test("the packed package runs", { skip: process.platform !== "linux" }, () => {
  writeFileSync(
    join(project, "use.mjs"),
    `import { parseRules, RulesError } from "syscalltrack";
import { assertNoSyscalls } from "syscalltrack/testing";
try { parseRules("rule { syscall_name = unlnk action { type = LOG } }"); } catch (error) { console.log(error instanceof RulesError, error.problems[0].hint); }
console.log(await assertNoSyscalls("@network", () => 42), (await assertNoSyscalls("@network", ["true"])).exitCode);`,
  );
  assert.equal(run(project, process.execPath, "use.mjs"), "true did you mean `unlink`?\n42 0\n");
  assert.equal(
    run(project, "node_modules/syscalltrack/bin/sct", "--version").trim().split(" ").at(-1),
    version(),
  );
});

test("the built package starts from its bundle, with the code compiled ahead", () => {
  const directory = join(project, "node_modules/syscalltrack");
  symlinkSync(join(directory, "bin/sct"), join(place, "link"));
  for (const name of [join(directory, "bin/sct"), join(place, "link"), "./sct"]) {
    const cwd = join(directory, "bin");
    const { stdout, stderr } = spawnSync(name, ["--version"], { cwd, encoding: "utf8" });
    assert.match(stdout, /^sct \d/, stderr);
  }
  const shell = spawnSync("sh", ["sct", "syscalls", "nonsense"], {
    cwd: join(directory, "bin"),
  });
  assert.match(String(shell.stderr), /no system call/);

  for (const name of ["sct", "run"]) {
    const bundle = join(directory, `dist/cli/${name}.cjs`);
    const text = readFileSync(bundle, "latin1");
    const cachedData = readFileSync(`${bundle}.code`);
    const { cachedDataRejected } = new Script(text, { filename: bundle, cachedData });
    assert.equal(cachedDataRejected, false, name);
  }
  const run = readFileSync(join(directory, "dist/cli/run.cjs"), "latin1");
  assert.match(run, /^\/\/ src\/cli\/run\/run\.ts$/m);
  for (const room of ["compiler", "bpf/btf", "store", "daemon", "sinks", "engines/kernel"])
    assert.ok(!run.includes(`\n// src/${room}/`), `sct run loads ${room}`);
});

test("sct run without a Node that it could use does not end like its command", () => {
  const directory = mkdtempSync(join(place, "bare-"));
  cpSync(join(ROOT, "bin"), join(directory, "bin"), { recursive: true });
  for (const [command, expected] of [
    ["run", 125],
    ["doctor", 3],
  ] as const) {
    const { status, stderr } = spawnSync(join(directory, "bin/sct"), [command, "--", "true"], {
      env: { PATH: directory },
      encoding: "utf8",
    });
    assert.match(stderr, /^sct: Node\.js 24 or newer is needed, found none$/m);
    assert.equal(status, expected);
  }
});
