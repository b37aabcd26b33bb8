/** `sct run` stands before every command of its user: it has to start fast. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { logRule } from "./mechanisms.ts";

const ROOT = join(import.meta.dirname, "../..");
const BUILT = join(ROOT, "dist/cli/run.cjs.code");
const ROUNDS = 10;
/** 2.9 on a machine that does other work; benchmarks/supervised.ts has the number itself. */
const MOST = 3.5;

test("sct run starts in less than a few times what Node itself takes", (t) => {
  if (!isBuilt()) return t.skip("not built since the sources changed: npm run build");
  const rule = logRule("notification", "rmdir");
  const commands = [
    [process.execPath, "-e", "0"],
    [join(ROOT, "bin/sct"), "run", "-e", rule, "--", "true"],
  ];
  // in turn, so that what else the machine does hits both
  const times = commands.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, command] of commands.entries()) times[i]?.push(timeOf(command));
  const [node = 0, sct = 0] = times.map(median);
  assert.ok(sct <= MOST * node, `sct ${sct.toFixed(0)} ms, node ${node.toFixed(0)} ms`);
});

/** As bin/sct asks. */
function isBuilt(): boolean {
  if (!existsSync(BUILT)) return false;
  const sources = [join(ROOT, "src"), join(ROOT, "package-lock.json")];
  const { stdout } = spawnSync("find", [...sources, "-newer", BUILT, "-print", "-quit"]);
  return stdout.length === 0;
}

function timeOf([file = "", ...args]: readonly string[]): number {
  const start = performance.now();
  const { status } = spawnSync(file, args, { stdio: "ignore" });
  const time = performance.now() - start;
  assert.equal(status, 0);
  return time;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
}
