import assert from "node:assert/strict";
import { test } from "node:test";
import { foreseenLimits } from "./foreseen.ts";
import { checked } from "./testing/rules.ts";

const rule = (filter: string, action = "LOG"): string =>
  `rule { syscall_name = unlink filter_expression { ${filter} } action { type = ${action} } }`;

const limitsOf = (text: string): string[] =>
  foreseenLimits(checked(text)).map(({ message }) => message.replaceAll(/\d+/g, "N"));

const AUTOMATON = "Cannot build the automaton: it needs more than N states";

test("foreseenLimits() knows which patterns have no automaton", () => {
  const rows: readonly (readonly [filter: string, limits: readonly string[]])[] = [
    ['PARAMS[1] =~ "a.{30}b"', [AUTOMATON]],
    [`PARAMS[1] matches "**a${"?".repeat(20)}"`, [AUTOMATON]],
    ['PARAMS[1] =~ "^/home/[a-z]+/.ssh/" && COMM != "x"', []],
    ['PARAMS[1] =~ "^a.{30}b"', []],
  ];
  for (const [filter, limits] of rows) assert.deepEqual(limitsOf(rule(filter)), limits, filter);
  const good = rule('PARAMS[1] startswith "/x"');
  assert.deepEqual(limitsOf([good, rule('PARAMS[1] =~ "a.{30}b"')].join("\n")), [AUTOMATON]);
});

test("foreseenLimits() counts comparisons; those of one thing with constants are one", () => {
  const many = (count: number, one: (i: number) => string): string =>
    rule(Array.from({ length: count }, (_, i) => one(i)).join(" || "));
  const branches = (i: number): string => `GID == ${2 * i} && PID > ${i}`;
  assert.equal(limitsOf(many(9000, branches)).length, 1);
  assert.deepEqual(limitsOf(many(900, branches)), []);
  assert.deepEqual(limitsOf(many(17_000, (i) => `GID == ${i}`)), []);
});

test("foreseenLimits() counts the forms of COUNT of all rules together", () => {
  const forms = Array.from({ length: 24 }, (_, i) => {
    const keys = ["UID", "GID", "PID", "TID", "PPID", "EUID"].slice(0, 1 + (i % 6)).join(", ");
    const sums = ["PID", "TID", "UID", "GID"].slice(0, 1 + Math.floor(i / 6)).join(", ");
    return rule(`UID == ${i}`, `COUNT by ${keys} sum ${sums}`);
  });
  assert.match(limitsOf(forms.join("\n"))[0] ?? "", /^COUNT is used in N different forms/);
  assert.deepEqual(limitsOf(forms.slice(0, 3).join("\n")), []);
});
