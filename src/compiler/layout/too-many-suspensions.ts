/** Rules that suspend and are more than the queue of suspended processes has names for. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import { isSuspending, SUSPENDED_ENTRIES } from "./suspended.ts";

/** Two rule sets have their names there while one takes the place of the other; half of the entries is for threads that wait. */
const MOST_SUSPENDING = SUSPENDED_ENTRIES / 4;

export function refuseNamesOfSuspending(rules: readonly CheckedRule[]): Diagnostic[] {
  const suspending = rules.filter(isSuspending);
  const [first] = suspending.slice(MOST_SUSPENDING);
  if (first === undefined) return [];
  return [
    {
      code: "not_supported_by_engine",
      severity: "error",
      message: `${suspending.length} rules suspend: the kernel engine has names for ${MOST_SUSPENDING}`,
      span: first.span,
      hint: "one rule with a list (`in LIST`) can suspend for all its members",
    },
  ];
}
