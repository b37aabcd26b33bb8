import assert from "node:assert/strict";
import { test } from "node:test";
import { unsupportedBy } from "../../compiler/index.ts";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { refusedEverywhere } from "./refusals.ts";

const log = (call: string, filter: string, format = ""): string =>
  `rule { syscall_name = ${call} filter_expression { ${filter} } action { type = LOG ${format} } }`;

const REWRITE =
  "rule { syscall_name = open filter_expression { UID == 0 } action { type = REWRITE rewrite { PARAMS[2] = 0 } } }";

function check(text: string, allow: readonly string[] = []) {
  const options = { refusals: refusedEverywhere, allow };
  const { ruleSet, diagnostics } = parseRules([{ name: "-e", text }], vocabulary, options);
  assert.ok(ruleSet, diagnostics.map(({ message }) => message).join("\n"));
  const warnings = diagnostics.filter(({ code }) => code === "refused_system_wide");
  return { rules: ruleSet.rules, warnings };
}

for (const text of [
  log("write", 'PARAMS[2] contains "x"'),
  log("execve", 'ENVP["A"] == "x"'),
  log("execve", "UID == 0", "log_format {%argv}"),
  log("getpid", "UID == 0"),
  REWRITE,
])
  test(`a warning for each thing that the kernel engine says it does not support: ${text}`, () => {
    const { rules, warnings } = check(text);
    const refused = unsupportedBy(rules, undefined);
    assert.deepEqual(
      warnings.map(({ severity, message, span, hint }) => [severity, message, span.start, hint]),
      refused.map(({ message, span, hint }) => [
        "warning",
        `System-wide, the rule is refused: ${message}`,
        span.start,
        hint,
      ]),
    );
  });

test("what no machine can do is warned of, and the warning can be allowed", () => {
  assert.match(check(REWRITE).warnings[0]?.message ?? "", /refused: REWRITE cannot be done/);
  assert.deepEqual(check(REWRITE, ["refused_system_wide"]).warnings, []);
  assert.deepEqual(check(`# sct: allow refused_system_wide\n${REWRITE}`).warnings, []);
});

test("what a rule counts is refused per text that is no name of a thread, and else is not", () => {
  for (const per of ["pid", "comm", "retval", "cgroup", "caps", "loginuid"])
    for (const entry of ["occurrence = 3", "threshold = 3/1s", "limit = 3/1s"])
      assert.deepEqual(
        check(`rule { syscall_name = mkdir ${entry} per ${per} action { type = LOG } }`).warnings,
        [],
      );
  for (const per of ["exe", "cwd", "container", "sname", "duration"]) {
    const text = `rule { syscall_name = mkdir occurrence = 3 per ${per} action { type = LOG } }`;
    const [warning] = check(text).warnings;
    assert.match(warning?.message ?? "", new RegExp(`refused: occurrence per ${per} is not`));
  }
  assert.deepEqual(
    check("rule { syscall_name = mkdir chance = 1% action { type = LOG } }").warnings,
    [],
  );
});

test("members of a class that are left out system-wide are not refused", () => {
  const { warnings } = check(log("@file", 'PATH == "/etc/passwd"'));
  assert.deepEqual(warnings, []);
});
