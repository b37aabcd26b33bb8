import assert from "node:assert/strict";
import { test } from "node:test";
import { Births } from "./births.ts";

const [MAKER, OTHER, CHILD, STRANGER] = [1, 2, 3, 4];
const REGISTERS = new Map([[112, 17n]]);

function births() {
  const done: string[] = [];
  const all = new Births((tid, registers) => done.push(`restore ${tid} ${[...registers]}`));
  const begins = (tid: number): void => all.begins(tid, () => done.push(`begin ${tid}`));
  return { all, begins, done };
}

const RESTORED = [`restore ${CHILD} 112,17`, `begin ${CHILD}`];

test("a child of a rewritten call gets the program's registers, whichever stop comes first", () => {
  for (const isChildFirst of [false, true]) {
    const { all, begins, done } = births();
    all.mayMake(MAKER, "clone", REGISTERS);
    if (isChildFirst) begins(CHILD);
    assert.deepEqual(done, []);
    all.made(MAKER, CHILD);
    if (!isChildFirst) begins(CHILD);
    assert.deepEqual(done, RESTORED);
    begins(STRANGER);
    assert.equal(done.at(-1), `begin ${STRANGER}`);
  }
});

test("children wait only while a maker may report them", () => {
  for (const end of ["over", "ended"] as const) {
    const { all, begins, done } = births();
    begins(STRANGER);
    assert.deepEqual(done.splice(0), [`begin ${STRANGER}`]);
    all.mayMake(MAKER, "clone", REGISTERS);
    all.mayMake(OTHER, "unlink", REGISTERS);
    begins(STRANGER);
    assert.deepEqual(done, []);
    all[end](MAKER);
    assert.deepEqual(done, [`begin ${STRANGER}`]);
  }
});

test("a child that has ended is expected no more", () => {
  const { all, begins, done } = births();
  all.mayMake(MAKER, "fork", REGISTERS);
  all.made(MAKER, CHILD);
  all.ended(CHILD);
  begins(CHILD);
  assert.deepEqual(done, [`begin ${CHILD}`]);
});
