import assert from "node:assert/strict";
import { test } from "node:test";
import { vocabulary } from "../../linux/index.ts";
import { countOf, evaluateRules, parseRules, SyntheticCall } from "../index.ts";
import { CallCounter } from "./counter.ts";
import type { CountTable } from "./table.ts";

/** Calls as tests have them, counted by one rule. */
function counted(rule: string, calls: readonly string[]): CountTable {
  const tests = calls.map((call) => `test "t" { call ${call} expect nothing }`);
  const { ruleSet } = parseRules([{ name: "t", text: [rule, ...tests].join("\n") }], vocabulary);
  const [only] = ruleSet?.rules ?? [];
  const action = only && countOf(only);
  if (only === undefined || action === undefined) throw new Error("the rule does not count");
  const counter = new CallCounter(only.name, action, vocabulary);
  for (const { call } of ruleSet?.tests ?? []) {
    const made = new SyntheticCall(call, vocabulary);
    const seen = only.when === "before" ? made : made.returned(call.retval ?? 0n);
    for (const { target, call: view } of evaluateRules([only], seen, vocabulary))
      if (target.counted) counter.add(target.counted, view);
  }
  return counter.table();
}

/** Rows as short text. */
function rowsOf({ rows, other }: CountTable): string[] {
  return [...rows, ...(other ? [other] : [])].map(({ key, count, measured }) => {
    const parts = key.map((part) =>
      part.is === "int"
        ? String(part.value)
        : part.is === "text"
          ? `${Buffer.from(part.bytes)}${part.cut ? "+" : ""}`
          : part.is === "address"
            ? part.bytes.join(".")
            : part.is,
    );
    const sums = measured.map(({ sum, without }) => `${sum}/${without}`);
    return [...parts, `x${count}`, ...sums].join(" ");
  });
}

test("CallCounter counts by values, the most calls first", () => {
  const rule = "rule { syscall_name = open action { type = COUNT by COMM, PARAMS[1] } }";
  const table = counted(rule, [
    'open("/a") as { COMM = "x" }',
    'open("/b") as { COMM = "y" }',
    'open("/b") as { COMM = "y" }',
  ]);
  assert.deepEqual(rowsOf(table), ["y /b x2", "x /a x1"]);
});

test("CallCounter sums up, and counts the calls without such a number", () => {
  const rule =
    "rule { syscall_name = read when = after action { type = COUNT sum RETVAL, 8 / PARAMS[3] } }";
  const table = counted(rule, ["read(3, 0, 4) returns 7", "read(3, 0, 0) returns -9"]);
  assert.deepEqual(rowsOf(table), ["x2 -2/0 2/1"]);
});

test("CallCounter counts by addresses, of parameters and of open sockets", () => {
  const rule = "rule { syscall_name = connect, sendto action { type = COUNT by FD[1].addr } }";
  const known = "as { FD[1].addr = 10.0.0.1 }";
  const table = counted(rule, [`connect(3) ${known}`, `sendto(4) ${known}`, "connect(3)"]);
  assert.deepEqual(rowsOf(table), ["10.0.0.1 x2", "none x1"]);
  const given = "rule { syscall_name = connect action { type = COUNT by PARAMS[2].addr } }";
  const calls = ["PARAMS[2].addr = ::1", "PARAMS[2].addr = 10.0.0.1", 'PARAMS[2].path = "/x"'];
  assert.deepEqual(
    rowsOf(
      counted(
        given,
        calls.map((as) => `connect(3) as { ${as} }`),
      ),
    ),
    [`${"0.".repeat(15)}1 x1`, "10.0.0.1 x1", "none x1"],
  );
});

test("CallCounter keeps what some calls of a class lack apart, and cuts long texts", () => {
  const rule = "rule { syscall_name = open, @process action { type = COUNT by PARAMS[1] } }";
  assert.equal(parseRules([{ name: "t", text: rule }], vocabulary).ruleSet, undefined);
  const long = "n".repeat(300);
  const byText = "rule { syscall_name = open action { type = COUNT by PARAMS[1] } }";
  const table = counted(byText, [`open("${long}")`, `open("${long}x")`, "open(0)"]);
  assert.deepEqual(rowsOf(table), [`${"n".repeat(248)}+ x2`, "none x1"]);
});

test("CallCounter counts keys for which there is no room together", () => {
  const rule = "rule { syscall_name = close action { type = COUNT by PARAMS[1] hist PARAMS[1] } }";
  const calls = Array.from({ length: 1030 }, (_, i) => `close(${i})`);
  const { rows, other } = counted(rule, calls);
  assert.equal(rows.length, 1024);
  assert.equal(other?.count, 6n);
});
