/** Which rules act on calls, beside reporting them. */
import type { CheckedAction, CheckedRule } from "../../language/checked/index.ts";

/** Acting on a call before it has any effect. */
export function acts(rule: CheckedRule): boolean {
  return rule.when === "before" && rule.actions.some(({ type }) => isActing(type));
}

export function isActing(type: CheckedAction["type"]): boolean {
  return type === "FAIL" || type === "KILL" || type === "SUSPEND";
}
