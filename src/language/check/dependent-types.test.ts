import assert from "node:assert/strict";
import { test } from "node:test";
import { vocabulary } from "../../linux/index.ts";
import { findPrototype } from "../../linux/presentations.ts";
import { parseRules, runTests } from "../index.ts";

function diagnosticsOf(filter: string, call = "prctl") {
  const text = `define NAMED { PARAMS[1] == PR_SET_NAME }
    rule { syscall_name = ${call} filter_expression { ${filter} } action { type = LOG } }`;
  return parseRules([{ name: "-e", text }], vocabulary).diagnostics;
}

test("a parameter is a string in all of an && that fixes the one that it depends on", () => {
  for (const filter of [
    'PARAMS[1] == PR_SET_NAME && PARAMS[2] startswith "kworker"',
    'PARAMS[2] =~ "^k" && 15 == PARAMS[1]',
    'NAMED && (PARAMS[2] in ("a", "b") || PARAMS[2] == COMM)',
    'UID == 0 || (UID == 1 && (NAMED && UID != 2)) && !(PARAMS[2] contains "x")',
    "NAMED && PARAMS[2] != NULL",
    "PARAMS[1] == PR_SET_PDEATHSIG && PARAMS[2] == SIGKILL",
  ])
    assert.deepEqual(diagnosticsOf(filter), [], filter);
  assert.deepEqual(diagnosticsOf('PARAMS[1] == KEYCTL_SEARCH && PARAMS[4] == "a"', "keyctl"), []);
});

test("elsewhere it is a number, and the hint says where it is a string", () => {
  for (const filter of [
    'PARAMS[2] == "x"',
    'PARAMS[1] == PR_SET_NAME || PARAMS[2] contains "x"',
    'PARAMS[1] != PR_SET_NAME && PARAMS[2] contains "x"',
    '!NAMED && PARAMS[2] contains "x"',
    'PARAMS[1] == PR_GET_NAME && PARAMS[2] contains "x"',
    '(NAMED && UID == 0) || PARAMS[2] contains "x"',
  ]) {
    const [first, ...more] = diagnosticsOf(filter);
    assert.equal(first?.code, "type_mismatch", filter);
    assert.match(first?.hint ?? "", /where the filter says `PARAMS\[1\] == PR_SET_NAME && …`/);
    assert.deepEqual(more, []);
  }
  assert.equal(diagnosticsOf('PARAMS[3] == "x" && NAMED')[0]?.hint, undefined);
});

test("defines that name each other end, however many they are", () => {
  const names = Array.from({ length: 40 }, (_, i) => `D${i}`);
  const defines = names.map((name, i) => {
    const next = names[(i + 1) % names.length];
    return `define ${name} { ${next} && ${next} }`;
  });
  const text = `${defines.join("\n")}
    rule { syscall_name = prctl filter_expression { D0 && PARAMS[2] == "x" } action { type = LOG } }`;
  const codes = parseRules([{ name: "-e", text }], vocabulary).diagnostics.map(({ code }) => code);
  assert.ok(codes.includes("recursive_name"), codes.join());
});

test("tests of rules give it as a string", () => {
  const text = `rule { rule_name = named syscall_name = prctl
      filter_expression { PARAMS[1] == PR_SET_NAME && PARAMS[2] startswith "kw" } action { type = LOG } }
    test "a" { call prctl(PR_SET_NAME, "kworker") expect LOG by named }
    test "b" { call prctl(PR_SET_NAME, "worker") expect nothing }
    test "c" { call prctl(PR_SET_PDEATHSIG, 9) expect nothing }`;
  const { ruleSet } = parseRules([{ name: "-e", text }], vocabulary);
  assert.ok(ruleSet);
  const results = runTests(ruleSet, vocabulary, () => "");
  assert.deepEqual(
    results.map(({ test: { title }, failures }) => [title, failures]),
    ["a", "b", "c"].map((title) => [title, []]),
  );
  const wrong = 'test "d" { call prctl(PR_SET_PDEATHSIG, "x") expect nothing }';
  const { diagnostics } = parseRules([{ name: "-e", text: wrong }], vocabulary);
  assert.equal(diagnostics[0]?.code, "type_mismatch");
});

test("rows name parameters and constants that there are", () => {
  let rows = 0;
  for (const name of vocabulary.callNames) {
    const { stringsBy } = vocabulary.knowledge(name);
    if (stringsBy === undefined) continue;
    rows++;
    const params = findPrototype(name)?.params.map((param) => param.name) ?? [];
    for (const [constant, strings] of Object.entries(stringsBy.values)) {
      assert.notEqual(vocabulary.constant(constant), undefined, constant);
      for (const param of [stringsBy.by, ...strings]) assert.ok(params.includes(param), param);
    }
  }
  assert.ok(rows >= 2);
});
