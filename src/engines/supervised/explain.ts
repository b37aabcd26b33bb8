/** What this engine would do with a rule, without running anything. */
import { tooManyMacros } from "../../events/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import { abis, byAbi } from "../../linux/index.ts";
import { SECCOMP_RET } from "../../sys/index.ts";
import type { EngineExplanation } from "../engine.ts";
import { BypassRefusal } from "./bypass.ts";
import type { FilterDecision } from "./filter/decision.ts";
import { decideCall } from "./filter/plan.ts";
import { chooseMechanism, type Mechanism } from "./mechanisms.ts";
import { racesOf } from "./races.ts";
import { RuleIndex } from "./rule-index.ts";

export interface SupervisedExplanation extends EngineExplanation {
  /** Where calls are decided: by the filter in the kernel alone, or by sct, notified by it. */
  readonly decides: "seccomp filter" | "seccomp filter, else sct" | "sct";
  readonly mechanism: Mechanism;
  /** Calls that are refused, since what they set up could get around the rule: io_uring_setup, io_setup. */
  readonly refusedSetups: readonly string[];
  /** By changing memory or names meanwhile, another thread can get around the rule. */
  readonly hasRace: boolean;
}

/** `rule` by itself: rules beside it can ask for the other mechanism. */
export function explainSupervised(rule: CheckedRule): SupervisedExplanation {
  const mechanism = chooseMechanism([rule]);
  const trap = mechanism === "notify" ? SECCOMP_RET.USER_NOTIF : SECCOMP_RET.TRACE;
  const none = byAbi(() => new Set<number>());
  const options = {
    trap,
    watched: none,
    injected: none,
    reportsAll: false,
    canBeTraced: false,
    asks: false,
  };
  const index = new RuleIndex([rule]);
  const verdicts = new Set<number>();
  for (const abi of abis)
    for (const call of index.all(abi)) collect(decideCall(call, options), verdicts);
  const traps = verdicts.delete(trap >>> 0);
  verdicts.delete(SECCOMP_RET.ALLOW >>> 0);
  return {
    decides: !traps ? "seccomp filter" : verdicts.size > 0 ? "seccomp filter, else sct" : "sct",
    mechanism,
    refusedSetups: new BypassRefusal([rule], () => {}).names,
    hasRace: racesOf(rule).size > 0,
    refused: tooManyMacros([rule]),
  };
}

function collect(
  decision: FilterDecision,
  verdicts: Set<number>,
  seen = new Set<FilterDecision>(),
): void {
  if (seen.has(decision)) return;
  seen.add(decision);
  if (decision.kind === "verdict") verdicts.add(decision.value);
  else {
    collect(decision.ifTrue, verdicts, seen);
    collect(decision.ifFalse, verdicts, seen);
  }
}
