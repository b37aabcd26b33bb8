import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { expectDiagnostics, expectPrinted, ruleOf, verdictOf } from "../testing/expect.ts";

const LISTS = `
list GLOBS { "/etc/*", "/root/**" }
list NAMES { "bash", "sshd" }
list REGEXES { "^ba", "\\.so$" }
`;

function matches(filter: string, { path = "", comm = "" }): boolean {
  return verdictOf(filter, { lists: LISTS, args: [path], variables: { COMM: comm } }) === "match";
}

describe("checkAnyOf() with a list on the right", () => {
  const cases: readonly [filter: string, call: { path?: string; comm?: string }, boolean][] = [
    ["PATH matches GLOBS", { path: "/etc/passwd" }, true],
    ["PATH matches GLOBS", { path: "/root/a/b" }, true],
    ["PATH matches GLOBS", { path: "/etc/a/b" }, false],
    ['PATH matches ("/a*", "/b*")', { path: "/b1" }, true],
    ['PATH matches ("/a*", "/b*",)', { path: "/c" }, false],
    ["COMM =~ REGEXES", { comm: "bash" }, true],
    ["COMM =~ REGEXES", { comm: "x.so" }, true],
    ["COMM =~ REGEXES", { comm: "xaso" }, false],
    ["COMM !~ REGEXES", { comm: "bash" }, false],
    ["COMM !~ REGEXES", { comm: "rm" }, true],
    ['COMM =~ ("\\.a$", "^b")', { comm: "x.a" }, true],
    ["COMM startswith NAMES", { comm: "bash2" }, true],
    ["COMM endswith NAMES", { comm: "rbash" }, true],
    ["COMM contains NAMES", { comm: "xsshdx" }, true],
    ["COMM icontains NAMES", { comm: "xSSHDx" }, true],
    ["COMM icontains NAMES", { comm: "ssh" }, false],
    ["COMM == NAMES", { comm: "sshd" }, true],
    ['COMM == ("a", "b")', { comm: "b" }, true],
    ["COMM != NAMES", { comm: "sshd" }, false],
    ["COMM != NAMES", { comm: "rm" }, true],
    ['COMM in (NAMES, "rm")', { comm: "rm" }, true],
    ['COMM startswith (NAMES, "rm")', { comm: "rmdir" }, true],
  ];
  for (const [filter, call, expected] of cases) {
    test(`${filter} of ${call.path ?? call.comm}: ${expected}`, () => {
      assert.equal(matches(filter, call), expected);
    });
  }

  test("refuses what is no string, and operators that take one value", () => {
    expectDiagnostics(ruleOf('UID matches ("a", "b")'), "type_mismatch");
    expectDiagnostics(`list L { 1 } ${ruleOf("COMM matches L")}`, "mixed_set");
    expectDiagnostics(`list L { "a" } ${ruleOf("COMM < L")}`, "list_as_value");
    expectDiagnostics(ruleOf('("a", "b") == COMM'), "unexpected_token");
  });
  test("points at the member that is malformed", () => {
    expectDiagnostics(`list L { "a", "[" } ${ruleOf("COMM matches L")}`, "1:15: error bad_glob");
    expectDiagnostics(`list L { "a", "(" } ${ruleOf("COMM =~ L")}`, "1:15: error bad_regex");
  });
  test("takes escapes of patterns in lists that are patterns only", () => {
    expectDiagnostics(`list L { "a\\.b" } ${ruleOf("COMM =~ L")}`);
    expectDiagnostics(`list L { "a\\.b" } ${ruleOf("COMM in L")}`, "1:12: error unknown_escape");
    expectDiagnostics(
      `list L { "a\\.b" } ${ruleOf("COMM =~ L || COMM startswith L")}`,
      "1:12: error unknown_escape",
    );
    // nothing says what they are
    expectDiagnostics('list L { "a\\.b" }');
  });
  test("prints as it stands", () => {
    expectPrinted(
      ruleOf('PATH matches ("/a*", "/b*") && COMM != ("x", "y")'),
      `rule {
  syscall_name = unlink
  filter_expression {PATH matches ("/a*", "/b*") && COMM != ("x", "y")}
  action {
    type = LOG
  }
}
`,
    );
  });
});

describe("warnString() of patterns that are taken as they stand", () => {
  test("in a set, and where files and processes are named", () => {
    for (const filter of [
      'PATH in ("/etc/*", "/x")',
      'PATH == "/home/*/.ssh"',
      'COMM startswith "^ba"',
      'EXE endswith "*.so"',
      'PARAMS[1] == "/tmp/[a-z]"',
      'COMM in ("{a,b}")',
    ]) {
      expectDiagnostics(ruleOf(filter), "warning pattern_as_text");
    }
    expectDiagnostics(
      `list L { "/etc/*" } ${ruleOf("PATH in L")}`,
      "1:10: warning pattern_as_text",
    );
  });
  test("nowhere else", () => {
    for (const filter of ['COMM == "["', 'PATH == "/app/[id]"', 'PATH matches "/etc/*"'])
      expectDiagnostics(ruleOf(filter));
    expectDiagnostics(ruleOf('PARAMS[2] contains "a*b"', "write"));
  });
});
