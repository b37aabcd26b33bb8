import assert from "node:assert/strict";
import { test } from "node:test";
import { VerifierError } from "../../../bpf/index.ts";
import { type CheckedRule, parseRules } from "../../../language/index.ts";
import { vocabulary } from "../../../linux/index.ts";
import { tooLarge, tooLong } from "./too-large.ts";

const rule = (call: string, n: number): string =>
  `rule { rule_name = ${call}${n} syscall_name = ${call} filter_expression { UID == ${n} } action { type = LOG } }`;

const text = [rule("open", 1), ...[1, 2, 3].map((n) => rule("unlink", n))].join("\n");
const rules = parseRules([{ name: "t", text }], vocabulary).ruleSet?.rules ?? [];
const refusal = (log: string): VerifierError =>
  new VerifierError("sct_enter", 7, log, () => undefined);

test("tooLarge() names the call with most rules", () => {
  const log = "BPF program is too large. Processed 1000001 insn\nprocessed 1000001 insns";
  const [diagnostic] = tooLarge(refusal(log), rules) ?? [];
  assert.equal(diagnostic?.code, "too_complex_for_kernel");
  assert.match(diagnostic.message, /^Too many rules on one call for this kernel: 3 on `unlink/);
  assert.equal(diagnostic.span, rules[1]?.span);
});

test("tooLarge() leaves other refusals to be reported as what they are: bugs", () => {
  assert.equal(tooLarge(refusal("invalid bpf_context access off=999 size=8"), rules), undefined);
  assert.equal(tooLarge(new Error("x"), rules), undefined);
});

test("the cure is a list by the operator that the rules have, and says what gives them code of their own", () => {
  const many = (filter: string, more = ""): readonly CheckedRule[] => {
    const one = `rule { syscall_name = unlink filter_expression { ${filter} } ${more} action { type = LOG } }`;
    return parseRules([{ name: "t", text: one.repeat(3) }], vocabulary).ruleSet?.rules ?? [];
  };
  const cure = (own: readonly CheckedRule[]): string | undefined => tooLong(own, 120)[0]?.hint;
  assert.match(cure(many('PARAMS[1] == "/a"')) ?? "", /^one rule with a list \(`in LIST`\)/);
  assert.match(cure(many('UID == 3 && PARAMS[1] startswith "/a"')) ?? "", /`startswith LIST`/);
  assert.match(cure(many('PARAMS[1] != "/a" && PARAMS[1] =~ "a"')) ?? "", /`=~ LIST`/);
  assert.match(cure(many("TID < 5")) ?? "", /`in LIST`/);
  assert.match(
    cure(many('PARAMS[1] matches "/a*"', "threshold = 3/1s")) ?? "",
    /`matches LIST`.*; 3 of them have code of their own for `occurrence`, `threshold` or `chance`$/,
  );
});
