import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { racesOf } from "./races.ts";

function races(rule: string): string[] {
  const { ruleSet } = parseRules([{ name: "-e", text: `rule { ${rule} }` }], vocabulary);
  const [first] = ruleSet?.rules ?? [];
  assert.ok(first, rule);
  return [...racesOf(first)].sort();
}

const FAIL = "action { type = FAIL error_code = EPERM }";

test("racesOf() finds none where registers and ids decide", () => {
  assert.deepEqual(races(`syscall_name = unlink ${FAIL}`), []);
  assert.deepEqual(
    races(`syscall_name = kill filter_expression { PARAMS[2] == 9 && UID == 0 } ${FAIL}`),
    [],
  );
  assert.deepEqual(
    races(
      'syscall_name = mkdir when = after filter_expression { PATH == "/x" } action { type = LOG }',
    ),
    [],
  );
});

test("racesOf() finds memory behind pointers, and files behind PATH", () => {
  assert.deepEqual(races(`syscall_name = mkdir filter_expression { PARAMS[1] == "/x" } ${FAIL}`), [
    "memory",
  ]);
  assert.deepEqual(races(`syscall_name = mkdir filter_expression { !(PATH == "/x") } ${FAIL}`), [
    "files",
    "memory",
  ]);
  assert.deepEqual(races(`syscall_name = execve filter_expression { ARGV contains "x" } ${FAIL}`), [
    "memory",
  ]);
  assert.deepEqual(
    races(`syscall_name = connect filter_expression { PARAMS[2].sin_port == 9 } ${FAIL}`),
    ["memory"],
  );
});

test("racesOf() sees that openat2 has its flags in memory", () => {
  assert.deepEqual(races(`syscall_name = open filter_expression { PARAMS[2] & O_CREAT } ${FAIL}`), [
    "memory",
  ]);
});
