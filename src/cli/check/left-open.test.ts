import assert from "node:assert/strict";
import { test } from "node:test";
import { unsupportedBy } from "../../compiler/index.ts";
import { type CheckedRule, parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { leftOpenBy } from "./left-open.ts";

function checked(text: string): { rules: readonly CheckedRule[]; codes: readonly string[] } {
  const { ruleSet, diagnostics } = parseRules([{ name: "-e", text }], vocabulary);
  return { rules: ruleSet?.rules ?? [], codes: diagnostics.map(({ code }) => code) };
}

function open(calls: string, filter: string, action = "FAIL error_code = EACCES") {
  const { rules } = checked(
    `rule { syscall_name = ${calls} filter_expression { ${filter} } action { type = ${action} } }`,
  );
  assert.ok(rules[0], filter);
  return leftOpenBy(rules[0]);
}

test("leftOpenBy() names mounts that get around a rule on files, with rules that close them", () => {
  const [overlay, over, ...more] = open("open", 'PATH in ("/etc/a\\"b", "/etc/c") && UID != 0');
  assert.deepEqual(more, []);
  assert.match(overlay?.way ?? "", /^an overlay/);
  assert.match(over?.way ?? "", /^another file mounted over/);
  assert.match(
    over?.rules[1] ?? "",
    /move_mount filter_expression { PATH\[4\] in \("\/etc\/a\\"b", "\/etc\/c"\) }/,
  );
  assert.equal(open("open", 'PATH startswith "/etc/"').length, 1);
  assert.deepEqual(open("open", "UID == 1"), []);
  assert.deepEqual(open("open", 'PATH == "/x"', "LOG"), []);
});

test("leftOpenBy() recommends nothing that is an error, is warned of, or is refused on every machine", () => {
  for (const { rules } of open("open, unlink", 'PATH == "/etc/x"'))
    for (const text of rules) {
      const { rules: closing, codes } = checked(text);
      assert.deepEqual(codes, [], text);
      assert.equal(closing.length, 1, text);
      assert.deepEqual(unsupportedBy(closing, undefined), [], text);
    }
});
