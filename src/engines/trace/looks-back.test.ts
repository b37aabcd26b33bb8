import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { needsOf } from "../supervised/needs.ts";
import { RuleIndex } from "../supervised/rule-index.ts";
import { looksBackOnly } from "./looks-back.ts";

/** Of the call with this number, which the rule names. */
function looksBack(nr: number, rule: string, showsAll = false): boolean {
  const text = `rule { when = after ${rule} }`;
  const { ruleSet, diagnostics } = parseRules([{ name: "-e", text }], vocabulary);
  assert.ok(ruleSet, diagnostics.map(({ message }) => message).join("\n"));
  const found = new RuleIndex(ruleSet.rules).find("x86_64", nr);
  assert.ok(found, rule);
  return looksBackOnly(found.after, needsOf(ruleSet.rules, showsAll));
}

const [READ, OPENAT2, UNLINKAT] = [0, 437, 263];
const LOG = "action { type = LOG }";

test("looksBackOnly() holds for lines about registers, ids, the result and strings kept from before", () => {
  for (const filter of [
    "",
    'PARAMS[1] startswith "/x"',
    'RETVAL < 0 && UID in (0, 5) && COMM != "x"',
  ])
    assert.ok(
      looksBack(
        UNLINKAT,
        `syscall_name = unlink ${filter && `filter_expression { ${filter} }`} ${LOG}`,
      ),
      filter,
    );
  assert.ok(looksBack(READ, `syscall_name = read limit = 3/s per uid ${LOG}`));
});

test("looksBackOnly() does not hold where the thread must wait", () => {
  for (const [nr, rule, showsAll] of [
    [UNLINKAT, "syscall_name = unlink action { type = KILL }"],
    [UNLINKAT, "syscall_name = unlink action { type = SUSPEND }"],
    [UNLINKAT, "syscall_name = unlink action { type = REWRITE rewrite { RETVAL = 0 } }"],
    [UNLINKAT, `syscall_name = unlink ${LOG}`, true],
    [UNLINKAT, "syscall_name = unlink action { type = LOG log_format {%cwd} }"],
    [UNLINKAT, "syscall_name = unlink action { type = LOG log_format {%path1} }"],
    [UNLINKAT, `syscall_name = unlink filter_expression { descends_from("x") } ${LOG}`],
    [UNLINKAT, `syscall_name = unlink filter_expression { CAPS == 0 } ${LOG}`],
    [UNLINKAT, `syscall_name = unlink limit = 3/s per cgroup ${LOG}`],
    [READ, `syscall_name = read filter_expression { PARAMS[2] contains "x" } ${LOG}`],
    [OPENAT2, `syscall_name = open ${LOG}`],
  ] as const)
    assert.equal(looksBack(nr, rule, showsAll), false, rule);
});
