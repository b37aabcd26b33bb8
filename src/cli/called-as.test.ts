import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

function run(program: string, argument: string) {
  const path = fileURLToPath(new URL(`../../bin/${program}`, import.meta.url));
  return spawnSync(path, [argument], { encoding: "utf8" });
}

test("syscalltrackd speaks under its own name", () => {
  assert.match(run("syscalltrackd", "--help").stdout, /^Usage: syscalltrackd \[/);
  const { status, stderr } = run("syscalltrackd", "--bogus");
  assert.equal(status, 2);
  assert.equal(stderr, "syscalltrackd: unknown option '--bogus'\nTry 'syscalltrackd --help'\n");
  assert.match(run("sct_load", "--bogus").stderr, /^sct load: /);
});
