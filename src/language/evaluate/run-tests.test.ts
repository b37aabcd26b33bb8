import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseRules, runTests } from "../index.ts";
import { testVocabulary } from "../testing/vocabulary.ts";

function run(text: string): string[] {
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], testVocabulary);
  assert.ok(ruleSet, JSON.stringify(diagnostics.map((d) => d.message)));
  return runTests(ruleSet, testVocabulary, (rule) => `line of ${rule.name}`).map(
    ({ passed, failures }) => (passed ? "passed" : failures.join("|")),
  );
}

const RULES = `
rule { rule_name = prevent_delete syscall_name = unlink
  filter_expression {PATH[1] == "/etc/passwd" && UID == 0} action { type = FAIL error_code = EPERM } }
rule { rule_name = log_all syscall_name = unlink action { type = LOG log_format {x} } }
rule { rule_name = after syscall_name = unlink filter_expression {RETVAL < 0} when = after action { type = KILL } }
`;

describe("runTests", () => {
  const rows: readonly (readonly [test: string, result: string])[] = [
    [
      'call unlink("/etc/passwd") as { UID = 0, COMM = "rm" } expect FAIL EPERM by prevent_delete',
      "passed",
    ],
    ['call unlink("./passwd") as { CWD = "/etc" } expect FAIL 1', "passed"],
    ['call unlink("/etc/passwd") expect KILL by after', "passed"],
    ['call unlink("/etc/passwd") as { UID = 5 } expect LOG "line of log_all"', "passed"],
    ['call unlink("/tmp/x") as { UID = 5 } returns -2 expect LOG expect KILL by after', "passed"],
    ['call unlinkat(AT_FDCWD, "/etc/passwd", 0) expect FAIL EPERM', "passed"],
    ['call unlinkat(AT_FDCWD, "/etc/passwd", AT_REMOVEDIR) expect nothing', "passed"],
    ['call unlink("/x") as { ABI = "i386" } expect LOG by log_all', "passed"],
    ['call rmdir("/x") expect nothing', "passed"],
    [
      'call unlink("/x") expect nothing',
      'Expected nothing; happened: LOG "line of log_all" by log_all',
    ],
    [
      'call rmdir("/x") expect FAIL EIO by log_all',
      "Expected FAIL EIO by log_all; nothing happened",
    ],
    [
      'call unlink("/etc/passwd") expect FAIL EIO',
      "Expected FAIL EIO; happened: FAIL EPERM by prevent_delete; KILL by after",
    ],
  ];
  for (const [body, result] of rows) {
    test(body, () => assert.deepEqual(run(`${RULES} test "t" { ${body} }`), [result]));
  }
  test("`continue` lets later rules see the call", () => {
    const rules = `
      rule { rule_name = a syscall_name = unlink continue = yes action { type = LOG } }
      rule { rule_name = b syscall_name = unlink action { type = LOG } }
      rule { rule_name = c syscall_name = unlink action { type = LOG } }`;
    assert.deepEqual(
      run(`${rules} test "t" { call unlink("x") expect LOG by a expect LOG by b }`),
      ["passed"],
    );
    assert.notDeepEqual(run(`${rules} test "t" { call unlink("x") expect LOG by c }`), ["passed"]);
  });
  test("a target named like the call goes before others", () => {
    const rule = `rule { rule_name = a syscall_name = unlink, unlinkat filter_expression { SYSCALL == 263 } action { type = LOG } }`;
    assert.deepEqual(run(`${rule} test "t" { call unlinkat(3, "x", 0) expect LOG }`), ["passed"]);
  });
});

test("names of files need not be UTF-8", () => {
  assert.deepEqual(
    run(`rule { rule_name = r syscall_name = unlink filter_expression { PATH == "/a/\\xff" } action { type = LOG } }
test "t" { call unlink("/a/./\\xff") expect LOG by r }`),
    ["passed"],
  );
});
