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
    'PATH == "/x" && PARAMS[1] == "x"',
  ])
    assert.deepEqual(targetsOf(filter), all, filter);
});

/** The filter of a target as text without places and positions. */
function filterOf(name: string, filter: string): string | undefined {
  const text = `rule { syscall_name = open filter_expression { ${filter} } ${FAIL} }`;
  const { ruleSet } = parseRules([{ name: "t", text }], testVocabulary);
  const target = ruleSet?.rules[0]?.targets.find((one) => one.name === name);
  return JSON.stringify(target?.filter, (key, value: unknown) => {
    if (key === "span" || key === "index") return undefined;
    return typeof value === "bigint" ? String(value) : value;
  });
}

test("protectFiles() leaves out what is said of parameters, and keeps the rest", () => {
  for (const [filter, same] of [
    ['PATH == "/x" && PARAMS[2] & 3', 'PATH == "/x"'],
    ['UID == 0 && (PARAMS[2] & 3 && PATH == "/x")', 'UID == 0 && PATH == "/x"'],
    ['PATH == "/x" && (UID == 0 || PARAMS[2] & 3)', 'PATH == "/x"'],
    [
      '(PATH == "/x" && PARAMS[2] == 1) || (PATH == "/y" && UID == 1)',
      '(PATH == "/x") || (PATH == "/y" && UID == 1)',
    ],
    ['PATH == "/x" || PARAMS[2] & 3', 'PATH == "/x"'],
    ['PATH == "/x" && !(PARAMS[2] & 3 == 0 || UID == 1)', 'PATH == "/x"'],
  ] as const) {
    const widened = filterOf("rename", filter);
    assert.ok(widened, filter);
    assert.equal(widened, filterOf("rename", same), filter);
  }
});

test("protectFiles() lets a file be replaced that must not be read", () => {
  for (const filter of [
    'PATH == "/x" && PARAMS[2] & 3 == 0',
    'PATH == "/x" && PARAMS[2] == 0',
    'UID == 1 && PATH == "/x" && !(PARAMS[2] & 3 || PARAMS[2] & 0x200)',
  ])
    assert.deepEqual(targetsOf(filter, "open"), ["open"], filter);
});

test("protectFiles() adds what changes a file without opening it for writing", () => {
  const has = (name: string) => testVocabulary.presentations(name, "variants") !== undefined;
  const changing = ["rename", "link", "truncate", "unlink"].filter(has);
  assert.ok(changing.includes("unlink"));
  for (const filter of ['PATH == "/x"', 'PATH == "/x" && PARAMS[2] & 3 && UID == 1'])
    assert.deepEqual(targetsOf(filter, "open"), ["open", ...changing], filter);
  assert.deepEqual(
    targetsOf('PATH == "/x"', "open, unlink").toSorted(),
    ["open", ...changing].toSorted(),
  );
  // O_TRUNC alone
  assert.notEqual(
    filterOf("open", 'PATH == "/x" && PARAMS[2] & 3'),
    filterOf("open", 'PATH == "/x" && PARAMS[2] & 0x203'),
  );
  assert.match(filterOf("open", 'PATH == "/x" && PARAMS[2] & 3') ?? "", /"or".*"512"/);
  assert.doesNotMatch(filterOf("open", 'PATH == "/x" && PARAMS[2] & 0x203') ?? "", /"or"/);
});

test("protectFiles() leaves rules alone that protect no literal path", () => {
  for (const [filter, rest] of [
    ['PATH != "/x"'],
    ['!(PATH == "/x")'],
    ['PATH matches "/x/*"'],
    ['PARAMS[1] == "/x"'],
    ['PATH == "/x"', "action { type = LOG }"],
    ['PATH == "/x"', `syscall_match = exact ${FAIL}`],
  ] as const)
    assert.deepEqual(targetsOf(filter, "unlink", rest), ["unlink"], `${filter} ${rest}`);
});
