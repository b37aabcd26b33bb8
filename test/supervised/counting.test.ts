/** What `sct run` counts in its own memory. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type Place, testAsEach } from "./sct.ts";

const PYTHON = "/usr/bin/python3";

interface Row {
  readonly key: readonly unknown[];
  readonly count: number;
  readonly sum?: readonly number[];
}

/** Rows of the only table, as JSON has them. */
function rowsOf(place: Place, rule: string, command: readonly string[]): readonly Row[] {
  const { stderr } = place.run(["--json", "-e", rule], command);
  const [line = "", ...others] = stderr.trim().split("\n");
  assert.deepEqual(others, []);
  return JSON.parse(line).rows;
}

testAsEach("counts are those of strace -c", (place) => {
  const sort = ["/usr/bin/sort", "/usr/share/common-licenses/GPL-3"];
  const command = ["/usr/bin/env", "-i", "LC_ALL=C", ...sort];
  const { stderr } = spawnSync("/usr/bin/strace", ["-c", ...command], {
    env: { LC_ALL: "C" },
    encoding: "latin1",
  });
  const expected = [...stderr.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$/gm)]
    .filter(([, , name]) => name !== "total")
    .map(([, count, name]) => [name, Number(count)]);
  assert.ok(expected.length > 10);
  const rows = rowsOf(place, "@all by SNAME sum RETVAL", command);
  const own = rows.map(({ key, count }) => [key[0], count]);
  assert.deepEqual(own.sort(), expected.sort());
});

const SCRIPT = `
import os
for name in ["a\\nb", "x" * 300, "x" * 301, ""]:
    for _ in range(3):
        try: os.rmdir(name)
        except OSError: pass
`;

for (const [by, result] of [
  ["notification", ""],
  ["ptrace", "sum RETVAL"],
] as const)
  testAsEach(`calls are counted by ${by}`, (place) => {
    const rows = rowsOf(place, `rmdir by COMM, PARAMS[1] ${result}`, [PYTHON, "-c", SCRIPT]);
    const sums = (errno: number) => (result === "" ? {} : { sum: [-errno] });
    const long = "x".repeat(248);
    assert.deepEqual(rows, [
      { key: ["python3", long], count: 6, ...sums(216), cut: [1] },
      { key: ["python3", ""], count: 3, ...sums(6) },
      { key: ["python3", "a\nb"], count: 3, ...sums(6) },
    ]);
  });

testAsEach("a table comes behind the lines, and events stay what they are", (place) => {
  const rules = `
    rule { rule_name = c syscall_name = mkdir action { type = COUNT by COMM }
           action { type = LOG log_format {%param1} } }`;
  const { stderr } = place.under(rules, ["mkdir", "a", "b"]);
  assert.equal(
    stderr,
    ['"a"', '"b"', "c: 2 calls counted", "  COMM     calls", '  "mkdir"      2', ""].join("\n"),
  );
});

testAsEach("a call that fails by a rule is counted by it", (place) => {
  const rules = `
    rule { rule_name = c syscall_name = mkdir action { type = FAIL error_code = EIO }
           action { type = COUNT } }`;
  const { stderr, status } = place.run(["-q", "-e", rules], ["mkdir", "a"]);
  assert.match(stderr, /Input\/output error\n.*c: 1 call counted\n$/s);
  assert.equal(status, 1);
});
