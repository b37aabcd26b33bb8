/** Trees + vocabulary → checked rule set. */
import type { Item } from "../ast.ts";
import type { CheckedRuleSet, CheckedTest } from "../checked/index.ts";
import { policyRules } from "../policy/policy-rules.ts";
import type { Diagnostics } from "../report.ts";
import type { AccountNames, Vocabulary } from "../vocabulary.ts";
import { MAX_NODES, type RuleProgram } from "./context.ts";
import { checkDefinitions } from "./definitions.ts";
import { Names } from "./names.ts";
import { checkRule, type RuleResult, ruleNamer } from "./rule.ts";
import { checkTest } from "./test-block.ts";
import { warnRules } from "./warnings.ts";

export interface CheckResult {
  /** What has errors is left out. */
  readonly ruleSet: CheckedRuleSet;
  /** The items, with rules in place of policies. */
  readonly meaning: readonly Item[];
}

/** Checks the items of all files together. */
export function check(
  items: readonly Item[],
  vocabulary: Vocabulary,
  report: Diagnostics,
  accounts?: AccountNames,
): CheckResult {
  const names = new Names(items, vocabulary, report);
  const program: RuleProgram = {
    vocabulary,
    accounts,
    names,
    report,
    lists: new Map(),
    regexes: new WeakSet(),
    listDepth: 0,
    budget: MAX_NODES,
  };
  checkDefinitions(program);
  const takeName = ruleNamer(program);
  const results: RuleResult[] = [];
  const ruleNames = new Set<string>();
  // before all others: no rule takes a call away from a policy
  const meaning = [
    ...policyRules(items, program),
    ...items.filter(({ kind }) => kind !== "policy"),
  ];
  for (const item of meaning) {
    if (item.kind !== "rule") continue;
    const result = checkRule(program, item, (name, rule) => {
      const taken = takeName(name, rule);
      ruleNames.add(taken);
      return taken;
    });
    if (result) results.push(result);
  }
  const tests: CheckedTest[] = [];
  for (const item of items) {
    if (item.kind !== "test") continue;
    const test = checkTest(program, item, ruleNames);
    if (test) tests.push(test);
  }
  warnRules(
    program,
    results.filter(({ item }) => item.policy === undefined),
  );
  return { ruleSet: { rules: results.map(({ rule }) => rule), tests }, meaning };
}
