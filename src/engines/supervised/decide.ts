/** From a call to what is to be done about it: evaluates, reports, and sums up the actions. */
import {
  type Acting,
  type CheckedAction,
  type CheckedRule,
  evaluateRules,
  type Structs,
} from "../../language/index.ts";
import type { TracedCall } from "./call/traced-call.ts";
import type { Reporter } from "./reporter.ts";

export interface RewriteOrder {
  readonly acting: Acting;
  readonly action: Extract<CheckedAction, { type: "REWRITE" }>;
}

/** Suspending comes first, then killing, then failing; a call that runs may have been rewritten. */
export interface Outcome {
  readonly kill: boolean;
  /** Positive; 0: the call runs. */
  readonly errno: number;
  readonly suspend: SuspendOrder | undefined;
  readonly rewrites: readonly RewriteOrder[];
}

export interface SuspendOrder {
  readonly rule: CheckedRule;
  readonly timeoutNs: bigint | undefined;
}

const RUN: Outcome = { kill: false, errno: 0, suspend: undefined, rewrites: [] };

export class Decider {
  readonly #structs: Structs;
  readonly #reporter: Reporter;

  constructor(structs: Structs, reporter: Reporter) {
    this.#structs = structs;
    this.#reporter = reporter;
  }

  /** The rules are those of the call at its moment. */
  decide(rules: readonly CheckedRule[], call: TracedCall, durationNs = 0n): Outcome {
    if (rules.length === 0) return RUN;
    const all = evaluateRules(rules, call, this.#structs);
    if (all.length === 0) return RUN;
    let kill = false;
    let errno = 0;
    let suspend: SuspendOrder | undefined;
    const rewrites: RewriteOrder[] = [];
    for (const acting of all) {
      for (const action of acting.rule.actions) {
        switch (action.type) {
          case "LOG":
            break;
          case "FAIL":
            if (errno === 0) errno = action.errno;
            break;
          case "KILL":
            kill = true;
            break;
          case "SUSPEND":
            suspend ??= { rule: acting.rule, timeoutNs: action.timeoutNs };
            break;
          case "REWRITE":
            rewrites.push({ acting, action });
            break;
        }
      }
    }
    const isSkipped = call.when === "before" && (kill || errno !== 0);
    for (const acting of all) this.#reporter.report({ acting, durationNs, isSkipped });
    return { kill, errno, suspend, rewrites };
  }
}
