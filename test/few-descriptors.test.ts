/** Commands with hardly any descriptors: they say what ran out, and never call it a bug of their own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

/** Node itself needs about 20; the rest is ours. */
const LIMITS = [26, 32];

function under(limit: number, ...args: readonly string[]) {
  const command = `ulimit -n ${limit}; exec "$0" --disable-warning=ExperimentalWarning "$@"`;
  return spawnSync("sh", ["-c", command, process.execPath, main, ...args], { encoding: "utf8" });
}

for (const args of [["doctor"], ["check", "--explain", "examples/article1.conf"]])
  test(`sct ${args.join(" ")} with few descriptors is no bug`, () => {
    for (const limit of LIMITS) {
      const { status, stdout, stderr } = under(limit, ...args);
      const seen = `${limit}: ${status}\n${stdout}${stderr}`;
      assert.doesNotMatch(stderr, /this is a bug|^ {4}at /m, seen);
      assert.ok(status !== null && [0, 1, 2, 3].includes(status), seen);
    }
  });

test("sct doctor says that sct run was not tried, and why", () => {
  const { stdout } = under(28, "doctor");
  assert.match(stdout, /^\? {4}sct run: user notification was not tried: .*EMFILE\n/m);
  assert.match(stdout, /^ {7}fix: Raise the limit of open files, for example: ulimit -n 1024$/m);
});
