import assert from "node:assert/strict";
import { test } from "node:test";
import { vocabulary } from "../../linux/index.ts";
import { parseRules } from "../index.ts";
import type { BoolExpr } from "./expression.ts";
import { factsOf } from "./facts.ts";
import { inputsOf } from "./inputs.ts";
import type { CheckedRule } from "./rule.ts";
import { NODE_TRAITS } from "./traits.ts";
import { visit } from "./visit.ts";

function ruleOf(call: string, filter: string): CheckedRule {
  const text = `rule { syscall_name = ${call} filter_expression { ${filter} } action { type = LOG } }`;
  const { ruleSet, diagnostics } = parseRules([{ name: "-e", text }], vocabulary);
  const [rule] = ruleSet?.rules ?? [];
  assert.ok(rule, diagnostics.map(({ message }) => message).join());
  return rule;
}

function filterOf(call: string, filter: string): BoolExpr {
  const [target] = ruleOf(call, filter).targets;
  assert.ok(target?.filter);
  return target.filter;
}

/** One filter with every kind of node that a rule can have. */
const ALL: readonly (readonly [call: string, filter: string])[] = [
  [
    "execve",
    '!(PARAMS[1] == "/x") && (UID == 0 || -PID in 1..9) && (ARGV contains "-v") && ENVP["HOME"] != "/"',
  ],
  ["execve", '(COMM == "a") + ~TID * 2 && COMM != PCOMM && descends_from("sshd") && COMM in ("b")'],
  ["connect", "PARAMS[2].addr in (10.0.0.0/8) && PARAMS[2].sin_port == 22 && PARAMS[3]"],
  ["connect", 'PARAMS[2].sun_path startswith "/run"'],
  ["write", 'PARAMS[2] contains "root:" || PATH == "/x"'],
  ["write", 'FD[1].type == "file" || FD[1].port == 22 && FD[1].addr in (10.0.0.0/8)'],
];

test("visit() meets every kind of node that rules can have", () => {
  const met = new Set<string>();
  for (const [call, filter] of ALL) visit(filterOf(call, filter), ({ kind }) => met.add(kind));
  const missing = Object.keys(NODE_TRAITS).filter((kind) => !met.has(kind));
  // constants are folded away, unless they are all that is left
  assert.deepEqual(missing, ["constant"]);
});

test("factsOf() finds what a filter looks at, in operands of operands too", () => {
  const filter = filterOf(
    "openat",
    '!(PATH == "/a") && (PATH[2] == "/b") + PARAMS[3] > 0 && PARAMS[2] == "c" && EXE == "/d" && UID',
  );
  const facts = factsOf(filter);
  assert.deepEqual([...facts.paths], [0, 2]);
  assert.equal(facts.pathSpans.length, 2);
  assert.deepEqual([...facts.numbers], [3]);
  assert.deepEqual([...facts.texts], [2]);
  assert.deepEqual([...facts.variables], ["EXE", "UID"]);
  assert.equal(facts.fileTests.length, 3);
  assert.equal(factsOf(filter), facts);
  assert.equal(factsOf(undefined).kinds.size, 0);
});

test("inputsOf() names what others can change before the call is made", () => {
  const cases: readonly (readonly [string, string, boolean, boolean, true?])[] = [
    ["openat", "UID == 0 && PARAMS[3] & 1", false, false],
    ["openat", '(PARAMS[2] == "x") == 1', true, false],
    ["openat", '(PATH == "/x") + 1 > 1', false, true],
    ["connect", "PARAMS[2].addr in (10.0.0.0/8)", true, false],
    ["execve", 'ENVP["X"] == "y" && PATH == "/z"', true, true],
    ["write", 'FD[1].path == "/x"', false, false, true],
    ["write", "FD[1].port == 22 || FD[1].addr == 10.0.0.1", false, false, true],
    ["kill", 'descends_from("sshd") && EXE == "/bin/sh"', false, false],
  ];
  for (const [call, filter, memory, files, descriptors = false] of cases) {
    // of the call itself: variants keep numbers in other places
    const rule = ruleOf(call, filter);
    const [target] = rule.targets;
    assert.ok(target);
    const own = { ...target, presentations: target.presentations.filter((p) => p.call === call) };
    assert.deepEqual(inputsOf({ targets: [own] }), { memory, files, descriptors }, filter);
  }
});

test("factsOf() is one object for filters that differ in constants alone, and one each where nodes are named", () => {
  const of = (filter: string) => factsOf(filterOf("openat", filter));
  assert.equal(of('PARAMS[2] == "/a" && UID == 1'), of('PARAMS[2] startswith "/b" && UID == 2'));
  assert.notEqual(of('PARAMS[2] == "/a"'), of("PARAMS[3] == 1"));
  assert.notEqual(of('PATH == "/a"'), of('PATH == "/b"'));
});
