import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckedRule } from "../../language/checked/index.ts";
import { parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import type { KernelFacts } from "../facts.ts";
import { refuseNamesOfSuspending } from "../layout/too-many-suspensions.ts";
import { tracepointsOnly } from "../machine.ts";
import { enforcePlan } from "../plan/enforce.ts";
import { planRules } from "../plan/plan.ts";
import { refuseSuspensions } from "./pass.ts";

/** What is said of `count` rules that suspend; where something can act before the call, if asked for. */
function refused(count: number, more: string, acts = true): number[] {
  const rule = (n: number): string =>
    `rule { rule_name = r${n} syscall_name = unlink syscall_match = exact filter_expression { UID == ${n} }
      action { type = SUSPEND } ${more} }`;
  const text = Array.from({ length: count }, (_, n) => rule(n)).join("\n");
  const { ruleSet } = parseRules([{ name: "t", text }], vocabulary);
  const bare = tracepointsOnly({} as KernelFacts);
  const machine = acts ? { ...bare, hookKind: "lsm" as const, hasHook: () => true } : bare;
  const { blocks } = enforcePlan(
    planRules(ruleSet?.rules ?? [], { caller: false, directories: machine.canLoop }),
    machine,
  );
  const spans = refuseSuspensions(blocks).map(({ span }) => span);
  return spans.map((span) => ruleSet?.rules.findIndex((one) => one.span === span) ?? -1);
}

test("refuseSuspensions() names the rules that cannot be distinguished", () => {
  assert.deepEqual(refused(65, "continue = yes"), []);
  assert.deepEqual(refused(67, "continue = yes"), [64, 65]);
  assert.deepEqual(refused(67, "continue = yes", false), []);
  assert.deepEqual(refused(200, ""), []);
});

test("more rules that suspend than the queue has names for are refused with their number", () => {
  const text = "rule { syscall_name = unlink action { type = SUSPEND } }";
  const [rule] = parseRules([{ name: "t", text }], vocabulary).ruleSet?.rules ?? [];
  const rules = (count: number): CheckedRule[] =>
    Array.from({ length: count }, () => rule as CheckedRule);
  assert.deepEqual(refuseNamesOfSuspending(rules(2048)), []);
  const [refused] = refuseNamesOfSuspending(rules(2049));
  assert.match(refused?.message ?? "", /^2049 rules suspend: .* 2048$/);
  assert.match(refused?.hint ?? "", /in LIST/);
});
