import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { filterCondition } from "./filter-condition.ts";
import { buildFilter, mayContain } from "./key-filter.ts";
import { hashNumber, hashText, KeyKind } from "./keys.ts";

const path = (number: number): number => hashText(KeyKind.path, `/tmp/file-${number}`);
const pid = (number: number): number => hashNumber(KeyKind.pid, number);

/** Batches of 5 to 500 paths, each with a process. */
const filters = Array.from({ length: 100 }, (_, batch) => {
  const count = 5 * (batch + 1);
  const keys = Array.from({ length: count }, (_, i) => path(batch * 1000 + i));
  return buildFilter([...keys, pid(batch)], count + 1);
});

function found(groups: readonly (readonly number[])[]): number[] {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE batch (id INTEGER PRIMARY KEY, keys BLOB)");
  for (const [id, keys] of filters.entries())
    db.prepare("INSERT INTO batch VALUES (?, ?)").run(id, keys);
  const condition = filterCondition(groups);
  const rows = db.prepare(`SELECT id FROM batch WHERE ${condition} ORDER BY id`).all();
  db.close();
  return rows.map(({ id }) => Number(id));
}

test("filterCondition() lets each batch pass that holds the value, and few others", () => {
  let others = 0;
  for (let batch = 0; batch < filters.length; batch++) {
    const ids = found([[path(batch * 1000 + 3)]]);
    assert.ok(ids.includes(batch));
    others += ids.length - 1;
  }
  // a third to the power of three
  assert.ok(others < 0.08 * filters.length ** 2, `${others} of ${filters.length ** 2}`);
});

test("filterCondition() never refuses what mayContain() lets pass", () => {
  for (let i = 0; i < 200; i++) {
    const hash = path(i * 501);
    const ids = new Set(found([[hash]]));
    for (const [id, filter] of filters.entries())
      if (mayContain(filter, hash)) assert.ok(ids.has(id));
  }
});

test("filterCondition() wants one of each group; of very many values any will do", () => {
  assert.ok(found([[path(3), path(7003)]]).length >= 2);
  assert.deepEqual(
    found([[path(3), path(7003)], [pid(7)]]).filter((id) => id === 0 || id === 7),
    [7],
  );
  const many = Array.from({ length: 5000 }, (_, i) => path(1_000_000 + i));
  assert.equal(found([many]).length, filters.length);
  assert.equal(found([]).length, filters.length);
});
