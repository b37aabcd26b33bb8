/** What people of other tools write, and the hint that leads on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "./index.ts";
import { ruleOf } from "./testing/expect.ts";
import { testVocabulary } from "./testing/vocabulary.ts";

const SLIPS: readonly (readonly [text: string, hint: string])[] = [
  [ruleOf("COMM == x"), 'write `"x"`'],
  [ruleOf("COMM startswith bash"), 'write `"bash"`'],
  [ruleOf("COMM matches vim"), 'write `"vim"`'],
  [ruleOf("EXE == /bin/sh"), 'a string stands in double quotes: "/etc/passwd"'],
  [ruleOf("UID in 1000.2000"), "a range has two dots: `1000..1999`"],
  ["rule { syscall_name = unlink action = LOG }", "write `action { type = LOG }`"],
  [
    "rule mine { syscall_name = unlink action { type = LOG } }",
    "the name is an entry: `rule { rule_name = mine … }`",
  ],
  [
    'rule { syscall_name = unlink action { type = LOG log_format "%comm" } }',
    "the text stands in braces: `log_format {%comm opened %path}`",
  ],
  ["policy p { unix { @foo } }", 'an abstract socket stands in double quotes: `"@name"`'],
  ["policy p { read { /etc } }", 'a file stands in double quotes: `"/usr/**"`'],
];

for (const [text, hint] of SLIPS) {
  test(`parseRules() of ${text.slice(0, 60)} hints at what was meant`, () => {
    const { diagnostics } = parseRules([{ name: "t", text }], testVocabulary);
    assert.ok(
      diagnostics.some((one) => one.hint === hint),
      JSON.stringify(diagnostics.map((one) => [one.code, one.hint])),
    );
  });
}
