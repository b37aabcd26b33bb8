/** The list of mutants follows the sources: each line that one of them changes is there, once. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { rooms } from "../scripts/mutants/rooms.ts";

test("the lines that mutants change are in the sources, once each", () => {
  const stale = rooms
    .flatMap(({ mutants }) => mutants)
    .flatMap(({ file, from }) => {
      const text = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
      const count = text.split(from).length - 1;
      return count === 1 ? [] : [`${file} has ${count} times: ${from}`];
    });
  assert.deepEqual(stale, []);
});

test("there are as many as docs/testing.md promises at least", () => {
  const mutants = (name: string): number =>
    rooms.find((room) => room.name === name)?.mutants.length ?? 0;
  assert.ok(mutants("compiler") >= 25);
  assert.ok(mutants("engines") >= 15);
  assert.ok(rooms.reduce((sum, { mutants: all }) => sum + all.length, 0) >= 60);
});
