import assert from "node:assert/strict";
import { test } from "node:test";
import { VerifierError } from "../../../bpf/index.ts";
import { parseRules } from "../../../language/index.ts";
import { vocabulary } from "../../../linux/index.ts";
import { tooLarge } from "./too-large.ts";

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
