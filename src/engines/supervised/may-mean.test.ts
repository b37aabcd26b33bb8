import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { mayMean } from "./may-mean.ts";

function means(filter: string, directory: string): boolean {
  const text = `rule { syscall_name = open filter_expression { ${filter} } action { type = FAIL error_code = EPERM } }`;
  const [rule] = parseRules([{ name: "-e", text }], vocabulary).ruleSet?.rules ?? [];
  assert.ok(rule, filter);
  return mayMean(rule, directory);
}

const CASES: readonly (readonly [filter: string, yes: string, no: string])[] = [
  ['PATH == "/a/b"', "/a /a/b", "/a/bc /a/b/c /b /ab"],
  ['PATH in ("/x", "/a/b")', "/a /a/b /x", "/y /a/c"],
  ['PATH startswith "/a/b"', "/a /a/b /a/b/c /a/bc", "/ab /b /a/c"],
  ['PATH startswith "/a/b/"', "/a /a/b /a/b/c", "/a/bc"],
  // below the directory a name keeps its end
  ['PATH endswith "/precious"', "", "/a /a/precious"],
  ['PATH endswith "/dir/precious"', "/a/dir /dir", "/a /dir/a"],
  [
    'PATH matches "/home/*/.ssh/**"',
    "/home /home/u /home/u/.ssh /home/u/.ssh/keys",
    "/home/u/.local /etc",
  ],
  ['PATH matches "/etc/*.conf"', "/etc", "/etc/x /usr"],
  ['PATH contains "/.ssh/"', "/a", ""],
  ['PATH =~ "^/etc"', "/a", ""],
  ['!(PATH startswith "/srv/")', "/a /srv", ""],
  ['PATH != "/a"', "/b", ""],
  ['EXE == "/usr/bin/curl"', "/usr/bin", "/usr/lib"],
  ['CWD startswith "/a"', "/a", "/b"],
  ['COMM == "x" && UID == 0', "", "/a /"],
  // a condition that counts as a number
  ['(PATH == "/a/b") == 1', "/a /b", ""],
  ['(PATH == "/a/b") + (UID == 0) >= 1', "/a /b", ""],
];

test("mayMean() is certain only of directories that no name leads into", () => {
  for (const [filter, yes, no] of CASES) {
    for (const directory of yes.split(" ").filter(Boolean))
      assert.ok(means(filter, directory), `${filter} in ${directory}`);
    for (const directory of no.split(" ").filter(Boolean))
      assert.ok(!means(filter, directory), `${filter} not in ${directory}`);
  }
});
