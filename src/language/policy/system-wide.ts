/** Policies are about one command: for a whole machine they would hold every process of it. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { CheckedRule } from "../checked/index.ts";

/** One error for each policy that the rules come from, for engines over the whole machine. */
export function refusePolicies(rules: readonly CheckedRule[]): readonly Diagnostic[] {
  const first = new Map<string, NonNullable<CheckedRule["policy"]>>();
  for (const { policy } of rules)
    if (policy !== undefined && !first.has(policy.policy)) first.set(policy.policy, policy);
  return [...first.values()].map(({ policy, list }) => ({
    code: "not_supported_by_engine",
    severity: "error",
    message: `The policy ${policy} cannot be meant for the whole machine: it would hold every process, those that start services and log in included`,
    span: list,
    hint: "`sct run -f FILE -- CMD` holds one command to it",
  }));
}
