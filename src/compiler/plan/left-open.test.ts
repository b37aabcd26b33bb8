import assert from "node:assert/strict";
import { test } from "node:test";
import { type CheckedRule, leftOpenBy, parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { unsupportedBy } from "./support.ts";

function checked(text: string): { rules: readonly CheckedRule[]; codes: readonly string[] } {
  const { ruleSet, diagnostics } = parseRules([{ name: "-e", text }], vocabulary);
  return { rules: ruleSet?.rules ?? [], codes: diagnostics.map(({ code }) => code) };
}

function open(calls: string, filter: string, action = "FAIL error_code = EACCES") {
  const { rules } = checked(
    `rule { syscall_name = ${calls} filter_expression { ${filter} } action { type = ${action} } }`,
  );
  assert.ok(rules[0], filter);
  return leftOpenBy(rules[0], vocabulary);
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
  const [, moved] = open("open", 'PATH startswith "/etc/"');
  assert.match(moved?.way ?? "", /^a directory mounted at a second place/);
  assert.equal(open("open", 'PATH == "/x" || PATH endswith "/y"').length, 3);
  assert.deepEqual(open("open", "UID == 1"), []);
  assert.deepEqual(open("open", 'PATH == "/x"', "LOG"), []);
});

test("leftOpenBy() recommends nothing that is an error, is warned of, or is refused on every machine", () => {
  for (const { rules } of open("open, unlink", 'PATH == "/etc/x" || PATH matches "/y/*"'))
    for (const text of rules) {
      const { rules: closing, codes } = checked(text);
      assert.deepEqual(codes, [], text);
      assert.equal(closing.length, 1, text);
      assert.deepEqual(unsupportedBy(closing, undefined), [], text);
    }
});

test("mounts are warned of until other rules deny them", () => {
  const denied =
    'rule { syscall_name = open filter_expression { PATH == "/etc/x" } action { type = FAIL error_code = EACCES } }';
  const mounts = (calls: string) =>
    `rule { syscall_name = ${calls} filter_expression { UID == 1 } action { type = FAIL error_code = EPERM } }`;
  const { codes } = checked(denied);
  assert.deepEqual(codes, ["left_open"]);
  assert.deepEqual(checked(denied + mounts("mount, fsopen")).codes, ["left_open"]);
  assert.deepEqual(checked(denied + mounts("mount, fsopen, move_mount")).codes, []);
});
