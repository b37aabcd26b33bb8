/**
 * Sorts rules by the calls that they watch: for every (ABI, number) the rules that may see it, in the order
 * of the file, with the ways in which each would present the call.
 */

import type { CheckedRule, Target } from "../language/checked.ts";
import type { Abi, Presentation, ValueSource } from "../language/vocabulary.ts";
import { type Enforcement, enforcementFor } from "./enforce.ts";
import type { Machine } from "./machine.ts";
import { paramReferences } from "./references.ts";

/** One way to see the call under a name of the rule; taken if all guards hold. */
export interface Candidate {
  readonly target: Target;
  readonly presentation: Presentation;
  readonly siteIndex: number;
}

export interface PlannedRule {
  readonly rule: CheckedRule;
  readonly ruleIndex: number;
  readonly candidates: readonly Candidate[];
}

/** A string argument that programs read; told apart by where its address comes from. */
export interface StringSlot {
  readonly source: ValueSource;
}

/** All that happens at one system call. */
export interface Block {
  readonly id: number;
  readonly abi: Abi;
  readonly nr: number;
  /** Name of the call that is really made. */
  readonly call: string;
  readonly before: readonly PlannedRule[];
  readonly after: readonly PlannedRule[];
  /** Read before any rule is evaluated, in this order. */
  readonly strings: readonly StringSlot[];
  /** Exec replaces the memory that arguments live in. */
  readonly isExec: boolean;
  /** How acting rules take effect before the call; undefined: they do not. */
  readonly enforcement: Enforcement | undefined;
}

export interface SitePlan {
  readonly ruleIndex: number;
  readonly rule: CheckedRule;
  readonly presentation: Presentation;
}

export interface Plan {
  readonly blocks: readonly Block[];
  readonly sites: readonly SitePlan[];
}

export function sourceKey(source: ValueSource): string {
  switch (source.kind) {
    case "arg":
      return `arg${source.index}`;
    case "memory":
      return `mem${source.pointerArg}+${source.offset}:${source.size}`;
    case "constant":
      return `const${source.value}`;
    case "absent":
      return "absent";
  }
}

export function isString(presentation: Presentation, index: number): boolean {
  const param = presentation.params[index - 1];
  if (param === undefined || param.source.kind === "absent") return false;
  return param.type.kind === "string" || param.type.kind === "path";
}

/** Strings that the report of this rule shows: with a log format only those it names, else all. */
export function reportedStrings(rule: CheckedRule, presentation: Presentation): ValueSource[] {
  if (!rule.actions.some((action) => action.type === "LOG")) return [];
  return presentation.params
    .filter((_, i) => isString(presentation, i + 1))
    .map((param) => param.source);
}

const EXEC_CALLS = new Set(["execve", "execveat"]);

export function planRules(rules: readonly CheckedRule[], machine: Machine): Plan {
  const sites: SitePlan[] = [];
  const byCall = new Map<
    string,
    { abi: Abi; nr: number; name: string; rules: Map<number, Candidate[]> }
  >();
  rules.forEach((rule, ruleIndex) => {
    for (const target of rule.targets) {
      for (const presentation of target.presentations) {
        const key = `${presentation.abi}:${presentation.nr}`;
        let call = byCall.get(key);
        if (call === undefined) {
          const { abi, nr } = presentation;
          call = { abi, nr, name: presentation.call, rules: new Map() };
          byCall.set(key, call);
        }
        const candidates = call.rules.get(ruleIndex) ?? [];
        candidates.push({ target, presentation, siteIndex: sites.length });
        sites.push({ ruleIndex, rule, presentation });
        call.rules.set(ruleIndex, candidates);
      }
    }
  });
  const calls = [...byCall.values()].sort((a, b) => a.nr - b.nr || (a.abi < b.abi ? 1 : -1));
  const blocks = calls.map((call, id): Block => {
    const planned = [...call.rules].map(
      ([ruleIndex, candidates]): PlannedRule => ({
        rule: rules[ruleIndex] as CheckedRule,
        ruleIndex,
        candidates: ordered(candidates),
      }),
    );
    const before = planned.filter(({ rule }) => rule.when === "before");
    const after = planned.filter(({ rule }) => rule.when === "after");
    const isExec = planned.some((p) =>
      p.candidates.some((c) => EXEC_CALLS.has(c.presentation.call)),
    );
    const block = {
      id,
      abi: call.abi,
      nr: call.nr,
      call: call.name,
      before,
      after,
      strings: earlyStrings(before, after, isExec),
      isExec,
    };
    return { ...block, enforcement: enforcementFor(block, machine) };
  });
  return { blocks, sites };
}

/** The name that is exactly the call's own comes first, then the order of the rule (see Target). */
function ordered(candidates: Candidate[]): Candidate[] {
  const own = (c: Candidate): boolean => c.target.name === c.presentation.call;
  return [...candidates.filter(own), ...candidates.filter((c) => !own(c))];
}

function earlyStrings(
  before: readonly PlannedRule[],
  after: readonly PlannedRule[],
  isExec: boolean,
): StringSlot[] {
  const found = new Map<string, StringSlot>();
  const add = (source: ValueSource): void => {
    found.set(sourceKey(source), found.get(sourceKey(source)) ?? { source });
  };
  for (const { rule, candidates } of [...before, ...after]) {
    for (const { target, presentation } of candidates) {
      for (const index of paramReferences(target.filter)) {
        if (isString(presentation, index))
          add((presentation.params[index - 1] as { source: ValueSource }).source);
      }
      // parameters are shown as they were at entry, and after exec there is nothing left to read
      if (rule.when === "after" || isExec) reportedStrings(rule, presentation).forEach(add);
    }
  }
  return [...found.values()];
}
