/** Runs the `test` blocks of a rule set against its rules, with nothing but synthetic calls. */

import type { CallView } from "../call-view.ts";
import type {
  CheckedAction,
  CheckedRule,
  CheckedRuleSet,
  CheckedTest,
  TestExpectation,
} from "../checked/index.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { type Acting, evaluateRules } from "./rules.ts";
import { SyntheticCall } from "./synthetic-call.ts";

/** One action that a rule took on the call of a test. */
export interface TakenAction {
  readonly rule: string;
  readonly type: CheckedAction["type"];
  readonly errno?: number;
  /** The log line, of LOG. */
  readonly text?: string;
  readonly unreadable: boolean;
}

export interface TestResult {
  readonly test: CheckedTest;
  readonly passed: boolean;
  /** What was expected and did not come, one sentence each. */
  readonly failures: readonly string[];
  readonly taken: readonly TakenAction[];
}

/** Prints the log line of a LOG action; src/events has the real one. */
export type FormatAction = (
  rule: CheckedRule,
  action: Extract<CheckedAction, { type: "LOG" }>,
  call: CallView,
) => string;

/** Runs all tests of a rule set. */
export function runTests(
  ruleSet: CheckedRuleSet,
  vocabulary: Vocabulary,
  format: FormatAction,
): TestResult[] {
  return ruleSet.tests.map((test) => runTest(test, ruleSet.rules, vocabulary, format));
}

function runTest(
  test: CheckedTest,
  rules: readonly CheckedRule[],
  vocabulary: Vocabulary,
  format: FormatAction,
): TestResult {
  const call = new SyntheticCall(test.call, vocabulary);
  const take = (acting: readonly Acting[]) => acting.flatMap((one) => takeActions(one, format));
  const taken = take(evaluateRules(rules, call, vocabulary));
  // A call that was refused still returns: rules after it see the error.
  const fail = taken.find(({ type }) => type === "FAIL");
  const killed = taken.some(({ type }) => type === "KILL");
  if (!killed) {
    const retval = fail?.errno === undefined ? test.call.retval : -BigInt(fail.errno);
    taken.push(...take(evaluateRules(rules, call.returned(retval ?? 0n), vocabulary)));
  }
  const failures = test.expect.flatMap((expectation) => unmet(expectation, taken, vocabulary));
  return { test, passed: failures.length === 0, failures, taken };
}

function takeActions({ rule, call, unreadable }: Acting, format: FormatAction): TakenAction[] {
  return rule.actions.map((action) => ({
    rule: rule.name,
    type: action.type,
    ...(action.type === "FAIL" ? { errno: action.errno } : {}),
    ...(action.type === "LOG" ? { text: format(rule, action, call) } : {}),
    unreadable,
  }));
}

function describeTaken(taken: readonly TakenAction[], vocabulary: Vocabulary): string {
  if (taken.length === 0) return "nothing happened";
  const parts = taken.map(({ type, errno, text, rule }) => {
    const detail =
      errno === undefined
        ? text === undefined
          ? ""
          : ` ${JSON.stringify(text)}`
        : ` ${errnoText(errno, vocabulary)}`;
    return `${type}${detail} by ${rule}`;
  });
  return `happened: ${parts.join("; ")}`;
}

function errnoText(errno: number, vocabulary: Vocabulary): string {
  return vocabulary.errnoName(errno) ?? String(errno);
}

function unmet(
  expectation: TestExpectation,
  taken: readonly TakenAction[],
  vocabulary: Vocabulary,
): string[] {
  const happened = describeTaken(taken, vocabulary);
  if (expectation.kind === "nothing") {
    return taken.length === 0 ? [] : [`Expected nothing; ${happened}`];
  }
  const { type, errno, text, by } = expectation;
  const met = taken.some(
    (action) =>
      action.type === type &&
      (errno === undefined || action.errno === errno) &&
      (text === undefined || action.text === text) &&
      (by === undefined || action.rule === by),
  );
  if (met) return [];
  const wanted = [
    type as string,
    ...(errno === undefined ? [] : [errnoText(errno, vocabulary)]),
    ...(text === undefined ? [] : [JSON.stringify(text)]),
    ...(by === undefined ? [] : [`by ${by}`]),
  ];
  return [`Expected ${wanted.join(" ")}; ${happened}`];
}
