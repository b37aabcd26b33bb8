import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../index.ts";
import { testVocabulary } from "../testing/vocabulary.ts";

const FAIL = "action { type = FAIL error_code = EPERM }";

function targetsOf(filter: string, calls = "unlink", rest = FAIL): string[] {
  const text = `rule { syscall_name = ${calls} filter_expression { ${filter} } ${rest} }`;
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], testVocabulary);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
  return ruleSet?.rules[0]?.targets.map(({ name }) => name) ?? [];
}

test("protectFiles() adds the calls that rename and link a literal path", () => {
  const all = ["unlink", "rename", "link"].filter((name) =>
    testVocabulary.presentations(name, "variants"),
  );
  assert.ok(all.includes("rename"));
  for (const filter of [
    'PATH == "/x"',
    'PATH[1] == "/x" && UID == 0',
    'PATH in ("/x", "/y") || COMM == "x"',
    'PATH == "/x" && !(EXE == "/bin/y")',
  ])
    assert.deepEqual(targetsOf(filter), all, filter);
});

test("protectFiles() leaves rules alone that protect no literal path", () => {
  for (const [filter, rest] of [
    ['PATH != "/x"'],
    ['!(PATH == "/x")'],
    ['PATH matches "/x/*"'],
    ['PARAMS[1] == "/x"'],
    ['PATH == "/x" && PARAMS[1] == "x"'],
    ['PATH == "/x"', "action { type = LOG }"],
    ['PATH == "/x"', `syscall_match = exact ${FAIL}`],
  ] as const)
    assert.deepEqual(targetsOf(filter, "unlink", rest), ["unlink"], `${filter} ${rest}`);
});
