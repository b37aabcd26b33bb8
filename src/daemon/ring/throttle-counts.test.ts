import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Generation } from "../../engines/kernel/index.ts";
import { ThrottleCounts } from "./throttle-counts.ts";

const current = (generation: number) =>
  ({
    generation,
    firstSite: generation * 10,
    sites: [{ rule: { name: "__proto__" } }],
  }) as unknown as Generation;

test("ThrottleCounts outlive the service, but not their rule set or ring", (t) => {
  const runDir = mkdtempSync(join(tmpdir(), "sct-throttle-"));
  t.after(() => rmSync(runDir, { recursive: true }));
  const engine = { ringId: "boot-1", current: current(3) };
  const first = new ThrottleCounts(engine, { runDir });
  first.add(new Map([[30, 2]]));
  // of the rule set before, and of none
  first.add(
    new Map([
      [30, 5],
      [20, 100],
      [31, 1000],
    ]),
  );
  first.save();
  const again = new ThrottleCounts(engine, { runDir });
  assert.equal(again.of("__proto__"), 7);
  assert.equal(again.of("toString"), 0);
  engine.current = current(4);
  assert.equal(again.of("__proto__"), 0);
  engine.current = current(3);
  assert.equal(new ThrottleCounts(engine, { runDir }).of("__proto__"), 7);
  engine.ringId = "boot-2";
  assert.equal(new ThrottleCounts(engine, { runDir }).of("__proto__"), 0);
  writeFileSync(join(runDir, "throttled.json"), '{"ringId":"boo');
  assert.equal(new ThrottleCounts(engine, { runDir }).of("__proto__"), 0);
});
