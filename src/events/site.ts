import type { CheckedRule } from "../language/checked/index.ts";
import type { Presentation } from "../language/vocabulary.ts";

/** One place in the compiled programs that reports: a rule, at its moment, for one presentation of a call. */
export interface Site {
  readonly ruleIndex: number;
  readonly rule: CheckedRule;
  readonly presentation: Presentation;
}
