/** What is watched for a report besides the rules of the user. */
import type { CheckedRule } from "../../language/index.ts";

const NAME = "sct_report";

/**
 * A policy that allows nothing and denies nothing, so that each use is seen, with what fails anyway left out; and the ends of
 * processes. All of it is decided before the call: no rule of it makes a run need ptrace.
 */
export const SESSION_RULES = `policy ${NAME} { read { } write { } execute { } attributes { } connect { } listen { } unix { } otherwise = LOG }
rule { rule_name = ${NAME}.end syscall_name = exit_group continue = yes action { type = LOG } }`;

/** Whether a rule is there for the report alone. */
export function isOfReport({ span }: CheckedRule): boolean {
  return span.file.text === SESSION_RULES;
}
