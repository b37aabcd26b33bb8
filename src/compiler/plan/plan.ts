/**
 * Sorts rules by the calls that they watch: for every (ABI, number) the rules that may see it, in the order
 * of the file, with the ways in which each would present the call.
 */
import type { CheckedRule } from "../../language/checked/index.ts";
import { factsOf, lookedAt, makesEvents } from "../../language/index.ts";
import type { Abi } from "../../language/vocabulary.ts";
import { rowOf } from "../../linux/index.ts";
import type {
  Candidate,
  Plan,
  PlannedBlock,
  PlannedRule,
  ReportNeeds,
  SitePlan,
  StringSlot,
  TextSource,
} from "./block.ts";
import { filterBytes, shownBytes } from "./bytes.ts";
import { descriptorsRead } from "./descriptors.ts";
import { oneOfEach } from "./kinds.ts";
import { objectNames, reportedObjects } from "./names.ts";
import { filterFields, isAtExit } from "./struct-field.ts";
import { isMissing, isObject, reportedStrings, sourceKey } from "./texts.ts";

/** Of one rule at one call. */
interface RuleWays {
  readonly ruleIndex: number;
  readonly ways: Pick<Candidate, "target" | "presentation">[];
}

interface Call {
  readonly abi: Abi;
  readonly nr: number;
  readonly name: string;
  /** In their order. */
  readonly rules: RuleWays[];
}

/** In the order of their blocks. */
function callNamesOf(rules: readonly CheckedRule[]): readonly Call[] {
  const byCall = new Map<string, Call>();
  rules.forEach((rule, ruleIndex) => {
    for (const target of rule.targets) {
      for (const presentation of target.presentations) {
        const key = `${presentation.abi}:${presentation.nr}`;
        let call = byCall.get(key);
        if (call === undefined) {
          const { abi, nr } = presentation;
          call = { abi, nr, name: presentation.call, rules: [] };
          byCall.set(key, call);
        }
        const last = call.rules.at(-1);
        const way = { target, presentation };
        // an array that grows has room for more than the one of most rules
        if (last?.ruleIndex === ruleIndex) last.ways.push(way);
        else call.rules.push({ ruleIndex, ways: [way] });
      }
    }
  });
  return [...byCall.values()].sort((a, b) => a.nr - b.nr || (a.abi < b.abi ? 1 : -1));
}

/** In the order of their numbers, which the rules alone decide: those of a block follow each other. */
export function sitesOf(rules: readonly CheckedRule[]): SitePlan[] {
  return sitesOfCalls(rules, callNamesOf(rules));
}

function sitesOfCalls(rules: readonly CheckedRule[], calls: readonly Call[]): SitePlan[] {
  const sites: SitePlan[] = [];
  for (const call of calls)
    for (const { ruleIndex, ways } of call.rules)
      for (const { presentation } of ways)
        sites.push({ ruleIndex, rule: rules[ruleIndex] as CheckedRule, presentation });
  return sites;
}

/** The first step: what rules want, whatever the machine can. `enforcePlan` says how they act on it. */
export function planRules(rules: readonly CheckedRule[], reports: ReportNeeds): Plan<PlannedBlock> {
  let siteIndex = 0;
  const calls = callNamesOf(rules);
  const blocks = calls.map((call, id): PlannedBlock => {
    const firstSite = siteIndex;
    const planned = call.rules.map(
      ({ ruleIndex, ways }): PlannedRule => ({
        rule: rules[ruleIndex] as CheckedRule,
        ruleIndex,
        candidates: ordered(
          ways.map(({ target, presentation }) => ({
            target,
            presentation,
            siteIndex: siteIndex++,
          })),
        ),
      }),
    );
    const before = planned.filter(({ rule }) => rule.when === "before");
    const after = planned.filter(({ rule }) => rule.when === "after");
    const isExec = planned.some((p) =>
      p.candidates.some((c) => rowOf(c.presentation.call).changes?.includes("program") ?? false),
    );
    return {
      id,
      abi: call.abi,
      nr: call.nr,
      call: call.name,
      before,
      after,
      strings: earlyStrings(before, after, isExec, reports),
      isExec,
      reports,
      firstSite,
    };
  });
  return { blocks, sites: sitesOfCalls(rules, calls) };
}

/** The name that is exactly the call's own comes first, then the order of the rule (see Target). */
function ordered(candidates: Candidate[]): Candidate[] {
  if (candidates.length === 1) return candidates;
  const own = (c: Candidate): boolean => c.target.name === c.presentation.call;
  return [...candidates.filter(own), ...candidates.filter((c) => !own(c))];
}

/**
 * Text in the order in which it is read: arguments that filters look at (and all where they cannot be read
 * later), then names of kernel objects. Files come last: they are known only in hooks, and reading a text again
 * moves those behind it.
 */
function earlyStrings(
  before: readonly PlannedRule[],
  after: readonly PlannedRule[],
  isExec: boolean,
  reports: ReportNeeds,
): StringSlot[] {
  const found = new Map<string, StringSlot>();
  const add = (source: TextSource): void => {
    found.set(sourceKey(source), found.get(sourceKey(source)) ?? { source });
  };
  for (const { rule, candidates } of [...oneOfEach(before), ...oneOfEach(after)]) {
    for (const { target, presentation } of candidates) {
      for (const index of factsOf(lookedAt(target)).texts) {
        // a number, too, where another parameter makes it a string
        const source = presentation.params[index - 1]?.source;
        if (source !== undefined && !isMissing(source)) add(source);
      }
      filterFields(rule, presentation, lookedAt(target)).forEach(add);
      // parameters are shown as they were at entry, and after exec there is nothing left to read
      filterBytes(rule, target, presentation).forEach(add);
      if ((rule.when === "after" || isExec) && makesEvents(rule)) {
        reportedStrings(presentation).forEach(add);
        for (const { source } of shownBytes(rule, presentation)) add(source);
      }
      descriptorsRead(rule, target, presentation).forEach(add);
      objectNames(rule, target, presentation).forEach(add);
      if (isExec) reportedObjects(rule, presentation, reports).forEach(add);
    }
  }
  const hasEvents = [...before, ...after].some(({ rule }) => makesEvents(rule));
  if (reports.caller && hasEvents) for (const kind of ["exe", "cwd"] as const) add({ kind });
  // what may be read late comes last, since all that is behind it moves then; the name of a program is read at the exec
  const rank = (slot: StringSlot): number => {
    // at its end, the call may have closed it
    if (slot.source.kind === "fd") return 0;
    if (isAtExit(slot)) return 5;
    if (slot.source.kind === "path") return 4;
    if (isObject(slot.source)) return isExec ? 0 : 3;
    // what the new program has of them (see programs/exec-lists.ts)
    if (slot.source.kind === "list") return slot.source.part.is === "value" ? 1.5 : 1;
    return 2;
  };
  return [...found.values()].sort((x, y) => rank(x) - rank(y));
}
