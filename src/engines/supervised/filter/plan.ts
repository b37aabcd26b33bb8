/**
 * The whole filter of a rule set: which calls stop, which fail at once and which run untouched. Calls that no rule
 * names are allowed by number alone, which the kernel remembers: they cost nothing more.
 */

import type { Abi, CheckedRule, PresentationGuard } from "../../../language/index.ts";
import { abis, archOf } from "../../../linux/index.ts";
import { ENOSYS, SECCOMP_RET } from "../../../sys/index.ts";
import { type CallRules, type RuleIndex, rewritesCalls } from "../rule-index.ts";
import { assembleFilter, filterLength } from "./assemble.ts";
import { type Bounds, boundsOf, guardBounds } from "./bounds.ts";
import { ALWAYS, and, branch, NEVER, not, or } from "./condition.ts";
import { DataOffset, type FilterDecision, verdict } from "./decision.ts";
import { refuseListeners } from "./listeners.ts";
import { trapTracers } from "./own-processes.ts";
import { trapStrict } from "./strict.ts";
import { refuseTracers } from "./tracers.ts";
import { refuseTyping } from "./typing.ts";

const X32_BIT = 0x40000000;

export interface FilterOptions {
  /** What a call does that we must see: SECCOMP_RET.USER_NOTIF or TRACE. */
  readonly trap: number;
  /** Calls that we must see for reasons of our own. */
  readonly watched: Readonly<Record<Abi, ReadonlySet<number>>>;
  /** Calls that we put in place of the program's: the filter judges them, too, and must not fail them by itself. */
  readonly injected: Readonly<Record<Abi, ReadonlySet<number>>>;
  /** Even a rule that only fails calls must be seen to count it. */
  readonly reportsAll: boolean;
  /** Programs may have the right to trace us. */
  readonly canBeTraced: boolean;
  /** Somebody is asked on the terminal: nobody else answers. */
  readonly asks: boolean;
}

/** What the decision about one call may take where not all fit, of 4096 instructions; halved until they do. */
const CALL_LIMITS = [4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 0];

/** Calls about which too much is to be decided stop, whatever they are. */
export function compileFilter(index: RuleIndex, options: FilterOptions): Uint8Array {
  const precise = assembleFilter(planFilter(index, options, decideCall));
  if (precise !== undefined) return precise;
  const decided = new Map<CallRules, SizedDecision>();
  const decide = (call: CallRules): SizedDecision => {
    const decision = decided.get(call) ?? withSize(decideCall(call, options));
    decided.set(call, decision);
    return decision;
  };
  const trap = verdict(options.trap);
  for (const limit of CALL_LIMITS) {
    const decideWithin = (call: CallRules): FilterDecision => {
      const { decision, size } = decide(call);
      return size <= limit ? decision : trap;
    };
    const filter = assembleFilter(planFilter(index, options, decideWithin));
    if (filter !== undefined) return filter;
  }
  throw new Error("the filter is too long");
}

interface SizedDecision {
  readonly decision: FilterDecision;
  /** Instructions. */
  readonly size: number;
}

function withSize(decision: FilterDecision): SizedDecision {
  return { decision, size: filterLength(decision) };
}

type DecideCall = (call: CallRules, options: FilterOptions) => FilterDecision;

function planFilter(index: RuleIndex, options: FilterOptions, decide: DecideCall): FilterDecision {
  const unknown = verdict(SECCOMP_RET.ERRNO | ENOSYS);
  const ofAbi = (abi: Abi): FilterDecision => ({
    kind: "test",
    load: DataOffset.nr,
    op: "ge",
    value: X32_BIT,
    // x32 numbers would be another way to every call: refused as by kernels without x32
    ifTrue: unknown,
    ifFalse: numberSearch(decisionsOf(abi, index, options, decide)),
  });
  return abis.reduceRight(
    (otherwise: FilterDecision, abi, i): FilterDecision => ({
      kind: "test",
      ...(i === 0 ? { load: DataOffset.arch } : {}),
      op: "eq",
      value: archOf(abi).auditArch,
      ifTrue: ofAbi(abi),
      ifFalse: otherwise,
    }),
    unknown,
  );
}

type Numbered = readonly [nr: number, decision: FilterDecision];

function decisionsOf(
  abi: Abi,
  index: RuleIndex,
  options: FilterOptions,
  decide: DecideCall,
): Numbered[] {
  const decisions = new Map<number, FilterDecision>();
  for (const nr of options.watched[abi]) decisions.set(nr, verdict(options.trap));
  for (const call of index.all(abi)) {
    if (!decisions.has(call.nr)) decisions.set(call.nr, decide(call, options));
  }
  trapStrict(decisions, abi, options.trap);
  if (options.canBeTraced) trapTracers(decisions, abi, options.trap);
  if (options.trap === SECCOMP_RET.TRACE) {
    refuseListeners(decisions, abi);
    refuseTracers(decisions, abi);
  }
  if (options.asks) refuseTyping(decisions, abi);
  return [...decisions].sort(([a], [b]) => a - b);
}

/** Binary search by the number, which is loaded already. */
function numberSearch(decisions: readonly Numbered[]): FilterDecision {
  const [first] = decisions;
  if (first === undefined) return verdict(SECCOMP_RET.ALLOW);
  if (decisions.length === 1) {
    const [value, then] = first;
    return { kind: "test", op: "eq", value, ifTrue: then, ifFalse: verdict(SECCOMP_RET.ALLOW) };
  }
  const middle = decisions.length >> 1;
  return {
    kind: "test",
    op: "ge",
    value: decisions[middle]?.[0] ?? 0,
    ifTrue: numberSearch(decisions.slice(middle)),
    ifFalse: numberSearch(decisions.slice(0, middle)),
  };
}

/** From the last rule to the first: what happens if no rule before acts. */
export function decideCall(call: CallRules, options: FilterOptions): FilterDecision {
  const trap = verdict(options.trap);
  const possible = call.after
    .map((rule) => ruleBounds(rule, call).possible)
    .reduce((all, one) => or(all, one), NEVER);
  const afterwards = branch(possible, trap, verdict(SECCOMP_RET.ALLOW));
  return call.before.reduceRight((next, rule) => {
    const bounds = ruleBounds(rule, call);
    const outcome = outcomeOf(rule, call, options);
    const perhaps = branch(bounds.possible, trap, next);
    // what is certain is possible, too
    return outcome === undefined ? perhaps : branch(bounds.certain, outcome, perhaps);
  }, afterwards);
}

/**
 * The verdict that does what the rule does; undefined if only we can. After a stop the kernel runs the filter again on
 * the registers as we have changed them: it lets the call go then where the verdict is to stop, but obeys all others.
 */
function outcomeOf(
  rule: CheckedRule,
  call: CallRules,
  options: FilterOptions,
): FilterDecision | undefined {
  const [action] = rule.actions;
  const isSilentFail =
    rule.actions.length === 1 &&
    action?.type === "FAIL" &&
    !rule.continue &&
    rule.frequency === undefined;
  if (!isSilentFail || options.reportsAll || call.after.length > 0) return undefined;
  if (call.before.some(rewritesCalls) || options.injected[call.abi].has(call.nr)) return undefined;
  return verdict(SECCOMP_RET.ERRNO | action.errno);
}

/** Of the targets that present the call, the one named like it decides, else the first: see chooseTarget(). */
function ruleBounds(rule: CheckedRule, call: CallRules): Bounds {
  const named = rule.targets.filter(({ name }) => name === call.name);
  const others = rule.targets.filter(({ name }) => name !== call.name);
  const nothing: Bounds = { certain: NEVER, possible: NEVER };
  return [...named, ...others]
    .flatMap(({ filter, presentations }) =>
      presentations.map((presentation) => ({ filter, presentation })),
    )
    .reduceRight((rest, { filter, presentation }) => {
      const guard = allGuards(presentation.guards);
      const own = boundsOf(filter, presentation);
      return {
        certain: or(and(guard.certain, own.certain), and(not(guard.possible), rest.certain)),
        possible: or(and(guard.possible, own.possible), and(not(guard.certain), rest.possible)),
      };
    }, nothing);
}

function allGuards(guards: readonly PresentationGuard[]): Bounds {
  return guards.map(guardBounds).reduce(
    (all, one) => ({
      certain: and(all.certain, one.certain),
      possible: and(all.possible, one.possible),
    }),
    { certain: ALWAYS, possible: ALWAYS },
  );
}
