import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../syscalls/index.ts";
import { openExplainer } from "./explain.ts";

const explain = openExplainer();

function run(rule: string): string {
  const text = `rule { ${rule} action { type = FAIL error_code = EPERM } }`;
  const { ruleSet } = parseRules([{ name: "-e", text }], vocabulary);
  const [first] = ruleSet?.rules ?? [];
  assert.ok(first, rule);
  return explain(first).run;
}

test("openExplainer() tells for 'sct run' where a thread can get around a rule", () => {
  const race = /a thread that changes memory or names meanwhile can get around it/;
  // openat2 and clone3 have their flags in memory, socketcall all that it gets
  assert.match(run("syscall_name = open filter_expression { PARAMS[2] & O_CREAT }"), race);
  assert.match(run("syscall_name = clone filter_expression { PARAMS[1] & CLONE_NEWUSER }"), race);
  assert.match(run("syscall_name = socket filter_expression { PARAMS[1] == AF_INET }"), race);
  assert.match(run('syscall_name = unlink filter_expression { PATH == "/x" }'), race);
  assert.doesNotMatch(run("syscall_name = kill filter_expression { PARAMS[2] == 9 }"), race);
  assert.doesNotMatch(run('syscall_name = unlink filter_expression { EXE == "/bin/rm" }'), race);
});
