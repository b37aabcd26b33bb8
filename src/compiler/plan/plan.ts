/**
 * Sorts rules by the calls that they watch: for every (ABI, number) the rules that may see it, in the order
 * of the file, with the ways in which each would present the call.
 */

import type { Span } from "../../base/span.ts";
import type { CheckedRule, FormatPiece, Target } from "../../language/checked/index.ts";
import { factsOf, fileNumber, namesInDirectories } from "../../language/index.ts";
import type { Abi, Presentation, ValueSource } from "../../language/vocabulary.ts";
import { rowOf } from "../../linux/index.ts";
import { macroOf, VARIABLES } from "../../variables/index.ts";
import type { Machine } from "../machine.ts";
import { type Enforcement, enforcementFor, hooksFor, ringHooksFor } from "./enforce.ts";

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

/** Text that programs read: an argument, or a name of a kernel object. */
export type TextSource =
  | ValueSource
  /** Executable and working directory of the caller. */
  | { readonly kind: "exe" }
  | { readonly kind: "cwd" }
  /** Its arguments. */
  | { readonly kind: "cmdline" }
  /** The directory of the descriptor that the nth name of the call may begin at. */
  | { readonly kind: "dir"; readonly nth: number; readonly dirfd: ValueSource }
  /** The nth file of the call (from 0, see fileNumber), as security hooks get it. */
  | { readonly kind: "path"; readonly nth: number };

/** Text with a place in the record of a block; distinguished by where it comes from. */
export interface StringSlot {
  readonly source: TextSource;
}

/** All that happens at one system call. */
export interface Block {
  readonly id: number;
  readonly abi: Abi;
  readonly nr: number;
  /** Name of the call that is really made. */
  readonly call: string;
  /** The lowest number of its sites. */
  readonly firstSite: number;
  readonly before: readonly PlannedRule[];
  readonly after: readonly PlannedRule[];
  /** Read before any rule is evaluated, in this order. */
  readonly strings: readonly StringSlot[];
  /** Exec replaces the memory that arguments live in. */
  readonly isExec: boolean;
  readonly reports: Reports;
  /** How acting rules take effect before the call; undefined: they do not. */
  readonly enforcement: Enforcement | undefined;
  /** Security hooks that carry out decisions, and evaluate what entries could not. */
  readonly hooks: readonly string[];
  /** Other hooks, where acting rules meet operations of io_uring that stand for the call. */
  readonly ringHooks: readonly string[];
}

/** What events have beside what rules look at. */
export interface Reports {
  /** All that is known of the caller. */
  readonly caller: boolean;
  /** The directories that names in lines begin at. */
  readonly directories: boolean;
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

export function sourceKey(source: TextSource): string {
  switch (source.kind) {
    case "arg":
      return `arg${source.index}`;
    case "memory":
      return `mem${source.pointerArg}+${source.offset}:${source.size}${source.isTimespec === true ? "ms" : ""}`;
    case "process":
      return `process${source.arg}`;
    case "constant":
      return `const${source.value}`;
    case "absent":
    case "unknown":
      return source.kind;
    case "path":
      return `path${source.nth}`;
    case "dir":
      return `dir${source.nth}:${sourceKey(source.dirfd)}`;
    case "exe":
    case "cwd":
    case "cmdline":
      return source.kind;
  }
}

/** The call has no such thing, or none that can be found. */
export function isMissing({ kind }: ValueSource): boolean {
  return kind === "absent" || kind === "unknown";
}

/** Of the kernel's objects, not of what the caller gave. */
export function isObject({ kind }: TextSource): boolean {
  return ["exe", "cwd", "cmdline", "dir", "path"].includes(kind);
}

export function isString(presentation: Presentation, index: number): boolean {
  const param = presentation.params[index - 1];
  if (param === undefined || isMissing(param.source)) return false;
  return param.type.kind === "string" || param.type.kind === "path";
}

/** Strings that the report of a rule shows, whether or not it prints a line. */
export function reportedStrings(presentation: Presentation): ValueSource[] {
  return presentation.params
    .filter((_, i) => isString(presentation, i + 1))
    .map((param) => param.source);
}

interface Call {
  readonly abi: Abi;
  readonly nr: number;
  readonly name: string;
  readonly rules: Map<number, Omit<Candidate, "siteIndex">[]>;
}

/** In the order of their blocks. */
function callsOf(rules: readonly CheckedRule[]): readonly Call[] {
  const byCall = new Map<string, Call>();
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
        candidates.push({ target, presentation });
        call.rules.set(ruleIndex, candidates);
      }
    }
  });
  return [...byCall.values()].sort((a, b) => a.nr - b.nr || (a.abi < b.abi ? 1 : -1));
}

/** In the order of their numbers, which the rules alone decide: those of a block follow each other. */
export function sitesOf(rules: readonly CheckedRule[]): SitePlan[] {
  return callsOf(rules).flatMap((call) =>
    [...call.rules].flatMap(([ruleIndex, candidates]) =>
      candidates.map(({ presentation }) => ({
        ruleIndex,
        rule: rules[ruleIndex] as CheckedRule,
        presentation,
      })),
    ),
  );
}

export function planRules(
  rules: readonly CheckedRule[],
  machine: Machine,
  reportsCaller = false,
): Plan {
  const reports = { caller: reportsCaller, directories: machine.canLoop };
  let siteIndex = 0;
  const blocks = callsOf(rules).map((call, id): Block => {
    const firstSite = siteIndex;
    const planned = [...call.rules].map(
      ([ruleIndex, candidates]): PlannedRule => ({
        rule: rules[ruleIndex] as CheckedRule,
        ruleIndex,
        candidates: ordered(candidates.map((one) => ({ ...one, siteIndex: siteIndex++ }))),
      }),
    );
    const before = planned.filter(({ rule }) => rule.when === "before");
    const after = planned.filter(({ rule }) => rule.when === "after");
    const isExec = planned.some((p) =>
      p.candidates.some((c) => rowOf(c.presentation.call).changes?.includes("program") ?? false),
    );
    const block = {
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
    const hooks = hooksFor(block, machine);
    const enforcement = enforcementFor(block, hooks, machine);
    return { ...block, hooks, ringHooks: ringHooksFor(block, hooks, machine), enforcement };
  });
  return { blocks, sites: sitesOf(rules) };
}

/** The name that is exactly the call's own comes first, then the order of the rule (see Target). */
function ordered(candidates: Candidate[]): Candidate[] {
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
  reports: Reports,
): StringSlot[] {
  const found = new Map<string, StringSlot>();
  const add = (source: TextSource): void => {
    found.set(sourceKey(source), found.get(sourceKey(source)) ?? { source });
  };
  for (const { rule, candidates } of [...before, ...after]) {
    for (const { target, presentation } of candidates) {
      for (const index of factsOf(target.filter).texts) {
        if (isString(presentation, index))
          add((presentation.params[index - 1] as { source: ValueSource }).source);
      }
      // parameters are shown as they were at entry, and after exec there is nothing left to read
      if (rule.when === "after" || isExec) reportedStrings(presentation).forEach(add);
      objectNames(rule, target, presentation).forEach(add);
      if (isExec) reportedObjects(rule, presentation, reports).forEach(add);
    }
  }
  if (reports.caller) for (const kind of ["exe", "cwd"] as const) add({ kind });
  // what may be read late comes last, since all that is behind it moves then; the name of a program is read at the exec
  const rank = ({ source }: StringSlot): number =>
    source.kind === "path" ? 3 : !isObject(source) ? 1 : isExec ? 0 : 2;
  return [...found.values()].sort((x, y) => rank(x) - rank(y));
}

/** EXE and CWD, in this order. */
const OBJECT_VARIABLES = VARIABLES.flatMap(([name, { record }]) =>
  record.in === "tail" ? [[name, record.object] as const] : [],
).toReversed();

/** EXE, CWD and PATH, as filter or log format name them. */
export function objectNames(
  rule: CheckedRule,
  target: Target,
  presentation: Presentation,
): TextSource[] {
  const names: TextSource[] = [];
  const { variables } = factsOf(target.filter);
  for (const [name, object] of OBJECT_VARIABLES)
    if (variables.has(name) || hasMacro(rule, macroOf(name))) names.push({ kind: object });
  for (const index of filesMeant(rule, target)) {
    const nth = fileNumber(presentation, index);
    if (nth !== undefined) names.push({ kind: "path", nth });
  }
  return names;
}

/**
 * What an event has of its caller that no rule looks at: read once a rule has matched, except where the call replaces
 * the program.
 */
export function reportedObjects(
  rule: CheckedRule,
  presentation: Presentation,
  { caller, directories }: Reports,
): TextSource[] {
  const objects: TextSource[] = [];
  if (caller || hasMacro(rule, "cmdline")) objects.push({ kind: "cmdline" });
  // the line that is printed without a format says where a name begins
  const isPlain = rule.actions.some(({ type, ...rest }) => type === "LOG" && !("format" in rest));
  if (caller || (isPlain && directories) || hasMacro(rule, "dir"))
    for (const { nth, dirfd } of namesInDirectories(presentation))
      objects.push({ kind: "dir", nth, dirfd });
  return objects;
}

function macrosOf(rule: CheckedRule): Extract<FormatPiece, { kind: "macro" }>[] {
  return rule.actions.flatMap((action) =>
    action.type === "LOG" ? (action.format ?? []).filter((piece) => piece.kind === "macro") : [],
  );
}

function hasMacro(rule: CheckedRule, name: string): boolean {
  return macrosOf(rule).some((macro) => macro.name === name);
}

function pathMacros(rule: CheckedRule): number[] {
  return macrosOf(rule)
    .filter((macro) => macro.name === "path")
    .map((macro) => macro.index ?? 0);
}

/** Indexes of PATH in filter and log format; 0 is PATH alone. */
export function filesMeant(rule: CheckedRule, target: Target): ReadonlySet<number> {
  return new Set([...factsOf(target.filter).paths, ...pathMacros(rule)]);
}

/** Where a rule names files: in its filter for the target, and in its log format. */
export function filesNamed(rule: CheckedRule, target: Target): Span[] {
  const spans = macrosOf(rule)
    .filter((macro) => macro.name === "path")
    .map((macro) => macro.span);
  return [...spans, ...factsOf(target.filter).pathSpans];
}

/** Whether the block must see files in security hooks. */
export function usesFiles(block: Pick<Block, "strings">): boolean {
  return block.strings.some(({ source }) => source.kind === "path");
}
