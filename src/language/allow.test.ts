import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "./index.ts";
import { testVocabulary } from "./testing/vocabulary.ts";

const rule = (name: string) =>
  `rule { rule_name = ${name} syscall_name = unlink filter_expression { PARAMS[1] == "/etc/${name}" } action { type = FAIL error_code = EPERM } }`;

/** Names of the files whose rules are warned of, and of codes that are unknown. */
function warned(text: string, allow: readonly string[] = []): string[] {
  const { diagnostics } = parseRules([{ name: "t", text }], testVocabulary, { allow });
  return diagnostics.map(({ span }) => {
    const shown = text.slice(span.start, span.end);
    return /"\/etc\/(\w+)"/.exec(shown)?.[1] ?? shown;
  });
}

test("withoutAllowed() takes a comment for the rule that it stands above, beside or in", () => {
  const [a, b] = [rule("a"), rule("b")];
  assert.deepEqual(warned(`${a}\n${b}`), ["a", "b"]);
  assert.deepEqual(warned(`# sct: allow raw_path\n${a}\n${b}`), ["b"]);
  assert.deepEqual(warned(`${a} // sct: allow raw_path\n${b}`), ["b"]);
  assert.deepEqual(warned(`${a}\n${b.replace("{", "{ # sct: allow never_matches, raw_path\n")}`), [
    "a",
  ]);
  assert.deepEqual(warned(`${a}\n${b}`, ["raw_path"]), []);
  assert.deepEqual(warned(`${a}\n# sct: allow raw_path`), ["a"]);
});

test("checkAllowed() warns of codes that are none, and no error is allowed", () => {
  assert.deepEqual(warned(`# sct: allow raw_pth\n${rule("a")}`), ["raw_pth", "a"]);
  const broken = "# sct: allow unknown_call\nrule { syscall_name = unlnk action { type = LOG } }";
  assert.deepEqual(warned(broken), ["unknown_call", "unlnk"]);
});
