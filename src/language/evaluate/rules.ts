/** Which rules act on a call at one moment: first match, `continue`, choice of the target. */
import type { CallView } from "../call-view.ts";
import type { CheckedRule, Target } from "../checked/index.ts";
import type { Abi, Presentation } from "../vocabulary.ts";
import { evaluate } from "./evaluate.ts";
import type { Structs } from "./read-field.ts";
import { guardHolds } from "./read-param.ts";

/** One call that was really made, at one moment. */
export interface RealCall {
  readonly name: string;
  readonly abi: Abi;
  readonly when: "before" | "after";
  /** The call as one presentation shows it. */
  view(presentation: Presentation): CallView;
}

/** A rule that acts. */
export interface Acting {
  readonly rule: CheckedRule;
  readonly target: Target;
  readonly call: CallView;
  /** The filter could not be decided; `on_unreadable` did. */
  readonly unreadable: boolean;
}

/**
 * The target of a rule that a call belongs to: of those that present it (guards hold), the one named exactly
 * like the call, else the first.
 */
export function chooseTarget(
  rule: CheckedRule,
  call: RealCall,
): { target: Target; call: CallView } | undefined {
  let chosen: { target: Target; call: CallView } | undefined;
  for (const target of rule.targets) {
    if (chosen && target.name !== call.name) continue;
    for (const presentation of target.presentations) {
      if (presentation.call !== call.name || presentation.abi !== call.abi) continue;
      const view = call.view(presentation);
      if (!presentation.guards.every((guard) => guardHolds(view, guard))) continue;
      if (target.name === call.name) return { target, call: view };
      chosen ??= { target, call: view };
    }
  }
  return chosen;
}

export interface Listener {
  /** Called for rules that could not be decided and so do not act. */
  readonly onSkip?: ((rule: CheckedRule) => void) | undefined;
  /** Whether a rule takes the call that matches for its own; absent: always. */
  readonly isDue?: ((rule: CheckedRule, call: CallView) => boolean) | undefined;
}

/** The rules that act on a call, in order. */
export function evaluateRules(
  rules: readonly CheckedRule[],
  call: RealCall,
  structs: Structs,
  listener: Listener = {},
): Acting[] {
  const acting: Acting[] = [];
  for (const rule of rules) {
    if (rule.when !== call.when) continue;
    const chosen = chooseTarget(rule, call);
    if (!chosen) continue;
    const result = evaluate(chosen.target.filter, chosen.call, structs);
    const unreadable = result === "unreadable";
    if (result === "no match") continue;
    if (unreadable && rule.onUnreadable === "skip") {
      listener.onSkip?.(rule);
      continue;
    }
    if (listener.isDue?.(rule, chosen.call) === false) continue;
    acting.push({ rule, ...chosen, unreadable });
    if (!rule.continue) break;
  }
  return acting;
}
