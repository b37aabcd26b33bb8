/** A checkout on a machine with an older Node, or with npm that runs no install scripts. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("..", import.meta.url));
const json = (name: string) => JSON.parse(readFileSync(join(repository, name), "utf8"));

/** Runs a script as Node 20 would: that version is all that the check reads. */
function runAsNode20(script: string) {
  const directory = mkdtempSync(join(tmpdir(), "sct-old-node-"));
  try {
    const older = join(directory, "older.cjs");
    writeFileSync(
      older,
      `Object.defineProperty(process, "version", { value: "v20.20.2" });
       Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });`,
    );
    const args = ["--require", older, join(repository, script), "--help"];
    return spawnSync(process.execPath, args, { encoding: "utf8", cwd: directory });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const commands = readdirSync(join(repository, "scripts/vm")).filter((name) => name.endsWith(".ts"));
for (const script of ["scripts/require-node.cjs", ...commands.map((name) => `scripts/vm/${name}`)])
  test(`${script} says in one line that Node is too old`, () => {
    const { status, stdout, stderr } = runAsNode20(script);
    assert.equal(status, 3, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^Node\.js 24 or newer is needed, found v20\.20\.2: [^\n]+\n$/);
  });

test("every npm script that starts Node asks for a new one first", () => {
  const { scripts } = json("package.json") as { scripts: Record<string, string> };
  for (const [name, script] of Object.entries(scripts)) {
    const asks = /^node scripts\/(?:require-node\.cjs &&|vm\/)/.test(script);
    assert.ok(asks || !/\bnode /.test(script), `${name}: ${script}`);
  }
});

test("no dependency needs its install script", () => {
  const { packages } = json("package-lock.json") as {
    packages: Record<string, { hasInstallScript?: boolean; dev?: boolean; optional?: boolean }>;
  };
  const { allowScripts } = json("package.json") as { allowScripts: Record<string, boolean> };
  const withScript = Object.entries(packages)
    .filter(([, { hasInstallScript, optional }]) => hasInstallScript && !optional)
    .map(([path]) => path.replace(/^.*node_modules\//, ""));
  assert.deepEqual(withScript.toSorted(), Object.keys(allowScripts).toSorted());
  for (const [name, isAllowed] of Object.entries(allowScripts))
    assert.equal(isAllowed, false, name);
});
