import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDiagnosticLine } from "../../base/print-diagnostic.ts";
import { parseRules, printRules } from "../index.ts";
import { testVocabulary } from "../testing/vocabulary.ts";

const parse = (text: string) =>
  parseRules([{ name: "-e", text, isArgument: true }], testVocabulary);

/** The entries of the rule that a short text stands for, in one line. */
function entriesOf(text: string): string {
  const { ast, diagnostics } = parse(text);
  assert.deepEqual(diagnostics.map(formatDiagnosticLine), []);
  const [rule] = printRules(ast).split("\n}\n");
  return (
    rule
      ?.replace(/^rule \{/, "")
      .replace(/\s+/g, " ")
      .trim() ?? ""
  );
}

test("parseShort() gives the rule that is meant", () => {
  const rules: readonly (readonly [short: string, entries: string])[] = [
    ["unlink", "syscall_name = unlink action { type = LOG }"],
    [" unlink, @exec ", "syscall_name = unlink, @exec action { type = LOG }"],
    [
      'open if PATH startswith "/etc/"',
      'syscall_name = open filter_expression {PATH startswith "/etc/"} action { type = LOG }',
    ],
    [
      "open if RETVAL < 0",
      "syscall_name = open filter_expression {RETVAL < 0} action { type = LOG } when = after",
    ],
    [
      "connect if UID == 0 || GID == 0 then FAIL EACCES",
      "syscall_name = connect filter_expression {UID == 0 || GID == 0} action { type = FAIL error_code = EACCES }",
    ],
    [
      "@delete then LOG {%comm {%path}}",
      "syscall_name = @delete action { type = LOG log_format {%comm {%path}} }",
    ],
    [
      "unlink then LOG {%comm %retval}",
      "syscall_name = unlink action { type = LOG log_format {%comm %retval} } when = after",
    ],
    ["kill then SUSPEND 30s", "syscall_name = kill action { type = SUSPEND timeout = 30s }"],
    ["read by COMM", "syscall_name = read action { type = COUNT by COMM }"],
    [
      "read if UID == 0 by COMM, PARAMS[1] sum RETVAL hist DURATION",
      "syscall_name = read filter_expression {UID == 0} action { type = COUNT by COMM, PARAMS[1] sum RETVAL hist DURATION } when = after",
    ],
    ["open then COUNT", "syscall_name = open action { type = COUNT }"],
    ["open then COUNT by PATH", "syscall_name = open action { type = COUNT by PATH }"],
    ["kill then KILL", "syscall_name = kill action { type = KILL }"],
  ];
  for (const [short, entries] of rules) {
    if (!/FAIL|SUSPEND|KILL/.test(short)) assert.equal(entriesOf(short), entries);
    const printed = printRules(parse(short).ast);
    assert.equal(printed.replace(/\s+/g, " ").trim(), `rule { ${entries} }`);
  }
});

test("parseShort() points at what is wrong", () => {
  const errors: readonly (readonly [text: string, error: string])[] = [
    ["unlnk if UID == 0", "-e:1:1: error unknown_call: Unknown system call `unlnk`"],
    ["open iff UID == 0", "-e:1:6: error unexpected_token: Unexpected `iff`"],
    ["open if UID == 0 the FAIL", "-e:1:18: error unexpected_token: Unexpected `the`"],
    ["open if UIDD == 0", "-e:1:9: error unknown_name: Unknown name `UIDD`"],
    ["open then FAL EPERM", "-e:1:11: error bad_keyword: `FAL` is not a value of `type`"],
    ["kill then KILL 9", "-e:1:16: error unexpected_token: Unexpected `9`"],
    ["open if RETVAL < 0 then FAIL EPERM", "-e:1:20: error fail_after: "],
    ["rul { syscall_name = open }", "-e:1:1: error unknown_item: "],
  ];
  for (const [text, error] of errors) {
    const lines = parse(text).diagnostics.map(formatDiagnosticLine);
    assert.ok(lines[0]?.startsWith(error), `${text}: ${lines}`);
  }
});

test("parseShort() is for arguments of a command line; those may hold whole rules as well", () => {
  const whole = "rule { syscall_name = unlink action { type = LOG } }";
  assert.ok(parse(whole).ruleSet);
  assert.ok(parse(`# a comment\ndefine A { UID == 0 } ${whole}`).ruleSet);
  const inFile = parseRules([{ name: "f", text: "unlink" }], testVocabulary);
  assert.deepEqual(
    inFile.diagnostics.map(({ code }) => code),
    ["unknown_item"],
  );
});
