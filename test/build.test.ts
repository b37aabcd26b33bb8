/** The package as it is shipped: one file with V8's code, from any directory and under any name. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

test("the built package starts from its bundle, with the code compiled ahead", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-build-"));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const name of ["bin", "package.json"])
    cpSync(join(ROOT, name), join(directory, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(directory, "node_modules"));
  execFileSync(process.execPath, [join(ROOT, "scripts/build/main.ts"), directory]);
  symlinkSync(join(directory, "bin/sct"), join(directory, "link"));

  for (const name of [join(directory, "bin/sct"), join(directory, "link"), "./sct"]) {
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
    const { cachedDataRejected } = new Script(
      `(function (require, __filename, __dirname) {${text}\n})`,
      { filename: bundle, cachedData: readFileSync(`${bundle}.code`) },
    );
    assert.equal(cachedDataRejected, false, name);
  }
  const run = readFileSync(join(directory, "dist/cli/run.cjs"), "latin1");
  assert.match(run, /^\/\/ src\/cli\/run\/run\.ts$/m);
  for (const room of ["compiler", "bpf/btf", "store", "daemon", "sinks", "engines/kernel"])
    assert.ok(!run.includes(`\n// src/${room}/`), `sct run loads ${room}`);
});

test("sct run without a Node that it could use does not end like its command", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-build-"));
  t.after(() => rmSync(directory, { recursive: true }));
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
