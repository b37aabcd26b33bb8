import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pinnedGenerations, removePins } from "./pins.ts";

test("removePins() leaves what somebody else put there, and nothing of ours", (t) => {
  const parent = mkdtempSync(join(tmpdir(), "sct-pins-"));
  t.after(() => rmSync(parent, { recursive: true }));
  const dir = join(parent, "pins");
  const make = (foreign: string): void => {
    mkdirSync(join(dir, "generation-7"), { recursive: true });
    for (const pin of ["map-events", "generation-7/link-0", "generation-7/map-x"])
      writeFileSync(join(dir, pin), "");
    if (foreign !== "") mkdirSync(join(dir, foreign));
    assert.deepEqual(pinnedGenerations(dir), [7]);
    removePins(dir);
  };
  make("");
  assert.equal(existsSync(dir), false);
  make("mine");
  assert.deepEqual(readdirSync(dir), ["mine"]);
  make("generation-7/mine");
  assert.deepEqual(readdirSync(dir, { recursive: true }).toSorted(), [
    "generation-7",
    "generation-7/mine",
    "mine",
  ]);
  removePins(join(parent, "none"));
});
