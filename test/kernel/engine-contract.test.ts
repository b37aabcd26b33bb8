/** Every engine keeps the one contract: what explains, opens, hands over, counts and closes is used the same way. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ENGINES } from "../../src/engines/engines.ts";
import { CALLS, type Kept } from "./engine-contract.ts";
import { needsKernel } from "./needs.ts";

const PROGRAM = new URL("engine-contract.ts", import.meta.url).pathname;

for (const name of Object.keys(ENGINES))
  test(`the ${name} engine keeps the contract`, (t) => {
    if (!needsKernel(t)) return;
    const { stdout, stderr } = spawnSync(process.execPath, [PROGRAM, name], { encoding: "utf8" });
    assert.match(stdout, /^\{/, stderr);
    const { sites, ...kept } = JSON.parse(stdout) as Kept;
    assert.ok(sites > 0);
    const counters = [{ matched: CALLS, delivered: CALLS }];
    assert.deepEqual(kept, { refused: [], records: CALLS, counters });
  });
