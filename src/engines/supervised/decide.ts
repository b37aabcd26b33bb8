/** From a call to what is to be done about it: evaluates, reports, and sums up the actions. */
import type { Acting, CheckedAction, CheckedRule, Structs } from "../../language/index.ts";
import { evaluateMessages } from "./call/messages.ts";
import type { TracedCall } from "./call/traced-call.ts";
import { type DeniedUse, deniedUse, type Permissions } from "./denied-use.ts";
import type { DueRules } from "./due.ts";
import type { EventReporter } from "./event-reporter.ts";

export interface RewriteOrder {
  readonly acting: Acting;
  readonly action: Extract<CheckedAction, { type: "REWRITE" }>;
}

/** A call as it was decided, before it is made again: after a stop, a signal, or work of ours in its place. */
export interface Former {
  readonly call: TracedCall;
  /** Rules that acted on it. */
  readonly acted: ReadonlySet<CheckedRule>;
  /** Of these, rules whose SUSPEND is over. */
  readonly resumed: ReadonlySet<CheckedRule>;
  /** What somebody has allowed this call alone. */
  readonly lifted: readonly DeniedUse[];
}

const NONE: ReadonlySet<CheckedRule> = new Set();

/** Suspending comes first, then killing, then failing; a call that runs may have been rewritten. */
export interface Outcome {
  readonly kill: boolean;
  /** Positive; 0: the call runs. */
  readonly errno: number;
  readonly suspends: readonly SuspendOrder[];
  readonly rewrites: readonly RewriteOrder[];
  /** Rules that acted, now or when the call was the same before. */
  readonly acted: ReadonlySet<CheckedRule>;
  /** Of these, rules that have suspended it already. */
  readonly resumed: ReadonlySet<CheckedRule>;
  readonly lifted: readonly DeniedUse[];
}

export interface SuspendOrder {
  readonly rule: CheckedRule;
  readonly timeoutNs: bigint | undefined;
  /** The rule denies this as soon as somebody has said so; absent: the rule suspends. */
  readonly denied?: DeniedUse;
}

/** Of a rule that acts: what somebody is asked about before it denies that. */
type AskedUse = (acting: Acting) => DeniedUse | undefined;

const RUN: Outcome = {
  kill: false,
  errno: 0,
  suspends: [],
  rewrites: [],
  acted: NONE,
  resumed: NONE,
  lifted: [],
};

export class Decider {
  readonly #structs: Structs;
  readonly #reporter: EventReporter;
  readonly #due: DueRules;
  readonly #asked: AskedUse | undefined;

  /** `permissions`: rules that deny are asked about. */
  constructor(structs: Structs, reporter: EventReporter, due: DueRules, permissions?: Permissions) {
    this.#structs = structs;
    this.#reporter = reporter;
    this.#due = due;
    this.#asked =
      permissions &&
      (({ rule, call }) => (permissions.isAsked(rule) ? deniedUse(rule, call) : undefined));
  }

  /** The rules are those of the call at its moment. A call that is made again is evaluated as any other. */
  decide(rules: readonly CheckedRule[], call: TracedCall, { former }: DecideOptions = {}): Outcome {
    if (rules.length === 0) return RUN;
    call.context.literals.update();
    const all = evaluateMessages(rules, call, this.#structs, {
      onSkip: (rule) => this.#reporter.skipped(rule),
      isDue: this.#due.of(call, former),
    });
    // what it was known to be before counts only for what it still is
    const same = former !== undefined && call.hasTextsOf(former.call) ? former : undefined;
    if (all.length === 0) return RUN;
    const outcome = sumUp(all, same, this.#asked);
    // it is reported when it is known what becomes of it
    if (outcome.suspends.some(({ denied }) => denied !== undefined))
      return { ...outcome, acted: same?.acted ?? NONE };
    const isSkipped = call.when === "before" && (outcome.kill || outcome.errno !== 0);
    for (const acting of all)
      if (same?.acted.has(acting.rule) !== true)
        this.#reporter.report({ acting, durationNs: call.durationNs ?? 0n, isSkipped });
    return outcome;
  }
}

interface DecideOptions {
  readonly former?: Former | undefined;
}

/** What rules that act on one call ask for together; `same`: what was decided when the call was the same before. */
export function sumUp(all: readonly Acting[], same: Former | undefined, asked?: AskedUse): Outcome {
  let kill = false;
  let errno = 0;
  const suspends: SuspendOrder[] = [];
  const rewrites: RewriteOrder[] = [];
  const resumed = same?.resumed ?? NONE;
  for (const acting of all) {
    const { rule } = acting;
    const denied = resumed.has(rule) ? undefined : asked?.(acting);
    if (denied !== undefined) {
      suspends.push({ rule, timeoutNs: undefined, denied });
      continue;
    }
    for (const action of rule.actions) {
      switch (action.type) {
        case "LOG":
        case "COUNT":
          break;
        case "FAIL":
          if (errno === 0) errno = action.errno;
          break;
        case "KILL":
          kill = true;
          break;
        case "SUSPEND":
          if (!resumed.has(rule)) suspends.push({ rule, timeoutNs: action.timeoutNs });
          break;
        case "REWRITE":
          rewrites.push({ acting, action });
          break;
      }
    }
  }
  const acted = new Set([...(same?.acted ?? NONE), ...all.map(({ rule }) => rule)]);
  return { kill, errno, suspends, rewrites, acted, resumed, lifted: same?.lifted ?? [] };
}

/** What a call that a rule suspends now is remembered by. */
export function whenResumed(
  call: TracedCall,
  { acted, resumed, lifted }: Outcome,
  rule: CheckedRule,
): Former {
  return { call, acted, resumed: new Set([...resumed, rule]), lifted };
}

/** The same, once somebody has answered whether the call is denied. */
export function whenAnswered(
  call: TracedCall,
  { acted, resumed, lifted, suspends }: Outcome,
  { denied }: SuspendOrder,
  isAllowed: boolean,
): Former {
  // one that denies is enough: nobody is asked about the others
  const all = suspends.flatMap((one) => (one.denied === undefined ? [] : [one.rule]));
  return isAllowed
    ? { call, acted, resumed, lifted: denied === undefined ? lifted : [...lifted, denied] }
    : { call, acted, resumed: new Set([...resumed, ...all]), lifted };
}
