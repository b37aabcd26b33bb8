/** Rows against the generated tables: what they name exists. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { findCall, listCallNames } from "../calls.ts";
import { listRows, rowOf } from "./rows.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));

function paramsOf(call: string): readonly string[] {
  const calls = [findCall(call, "x86_64"), findCall(call, "i386")];
  return calls.flatMap((one) => one?.params.map(({ name }) => name) ?? []);
}

test("rows are of calls that the generated tables have, and name calls and parameters of theirs", () => {
  const names = new Set(listCallNames());
  for (const [call, row] of listRows()) {
    const { ring, aliasOf, variants = [], twins = [] } = row;
    const others = [...variants, ...twins].map((variant) => variant.call);
    if (aliasOf !== undefined) others.push(aliasOf);
    if (typeof ring === "string") others.push(ring);
    for (const name of [call, ...others]) assert.ok(names.has(name), `${call}: no call ${name}`);
    const own = paramsOf(call);
    for (const said of [row.means, row.keepsLink, row.mayBeEmpty, row.addresses])
      for (const param of Object.keys(said ?? {}))
        assert.ok(own.includes(param), `${call} has no parameter ${param}`);
    for (const { size } of Object.values(row.addresses ?? {}))
      assert.ok(size === undefined || own.includes(size), `${call} has no parameter ${size}`);
  }
});

test("a call has one row, and no row is empty", () => {
  const found = globSync("*.ts", { cwd: folder }).flatMap((file) =>
    [...readFileSync(`${folder}${file}`, "utf8").matchAll(/^ {2}(\w+): \{/gm)].map(
      ([, call = ""]) => call,
    ),
  );
  assert.deepEqual(
    found.toSorted(),
    listRows()
      .map(([call]) => call)
      .toSorted(),
  );
  for (const [call, row] of listRows()) assert.ok(Object.keys(row).length > 0, call);
});

test("the call that stands for an operation of io_uring stands for itself", () => {
  for (const [call, { ring }] of listRows())
    if (typeof ring === "string") assert.ok(Array.isArray(rowOf(ring).ring), `${call}: ${ring}`);
});

test("no file of a family has more than 400 lines", () => {
  for (const file of globSync("*.ts", { cwd: folder })) {
    const lines = readFileSync(`${folder}${file}`, "utf8").split("\n").length;
    assert.ok(lines <= 400, `${basename(file)}: ${lines}`);
  }
});
