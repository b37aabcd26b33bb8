/**
 * Checked rules → programs and maps as plain data. Pure: the same rules and facts always give the same bytes;
 * nothing here opens, loads or asks the machine.
 */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import type { Site } from "../events/site.ts";
import type { CheckedRule } from "../language/checked/index.ts";
import type { Abi } from "../language/vocabulary.ts";
import { DfaTooLargeError } from "./dfa/dfa.ts";
import { refuseFrequencies } from "./emit/due.ts";
import { refuseSuspensions } from "./emit/pass.ts";
import { StackExhaustedError } from "./emit/stack.ts";
import { AncestorTable } from "./layout/ancestors.ts";
import { AreaExhaustedError } from "./layout/area.ts";
import type { CompiledMap } from "./layout/compiled-map.ts";
import { CountLayout } from "./layout/counts.ts";
import { GROUPS_FROM, GroupTable } from "./layout/groups.ts";
import { IdentityTable } from "./layout/identities.ts";
import { mapsFor } from "./layout/maps.ts";
import { keepsLookups, namesFiles } from "./layout/needs.ts";
import { OtherNames, type TestSet } from "./layout/other-names.ts";
import { DfaTable } from "./layout/tables.ts";
import { refuseCounts } from "./layout/too-many-counts.ts";
import { refuseNamesOfSuspending } from "./layout/too-many-suspensions.ts";
import type { Machine } from "./machine.ts";
import { acts } from "./plan/acts.ts";
import type { Block, Plan, PlannedRule } from "./plan/block.ts";
import { looksAtCopies } from "./plan/copied.ts";
import { enforcePlan } from "./plan/enforce.ts";
import { usesFiles } from "./plan/names.ts";
import { planRules } from "./plan/plan.ts";
import { decidesOnCopy, readPlaces } from "./plan/struct-field.ts";
import { leaveOutUnknown, unsupportedBy } from "./plan/support.ts";
import { refuseUnenforceable } from "./plan/unenforceable.ts";
import { ringCoverage, weakActions } from "./plan/weak-actions.ts";
import { makePrograms } from "./programs/all.ts";
import type { CompiledProgram } from "./programs/attachment.ts";
import type { ProgramInput } from "./programs/context.ts";
import { unbuildable } from "./unbuildable.ts";

export interface CompiledRules {
  /** In the order in which they must be attached. */
  readonly programs: readonly CompiledProgram[];
  readonly maps: readonly CompiledMap[];
  readonly sites: readonly Site[];
  readonly rules: readonly CheckedRule[];
  readonly generation: number;
  /** How acting rules take effect, for each call that one acts on. */
  readonly enforcement: readonly CallEnforcement[];
  /** Files whose device and inode numbers belong into the map of identities, as Latin-1 text. */
  readonly identifiedPaths: readonly string[];
  /** Tests that may mean other names than they say, for each word of the map of names. */
  readonly testSets: readonly TestSet[];
  /** What must be said at load: actions that are weaker here than the language promises, one line each. */
  readonly notices: readonly string[];
  /** Calls of `before` rules that io_uring can do as well, by whether programs see it do so. */
  readonly ring: { readonly seen: readonly string[]; readonly unseen: readonly string[] };
}

export interface CallEnforcement {
  readonly call: string;
  readonly abi: Abi;
  /** By the return value of the call's own function, in security hooks, or only when the call has been made. */
  readonly by: "return value" | "hooks" | "nothing";
  readonly hooks: readonly string[];
  /** All that filters look at in the caller's memory is an address, and a hook has the kernel's copy of it. */
  readonly onCopy: boolean;
}

export interface CompileOptions {
  readonly machine: Machine;
  /** Bytes of the event ring, a power of two of whole pages. */
  readonly ringBytes: number;
  /** Number of the rule set; only the one that the control map names is in force (see programs/control.ts). */
  readonly generation?: number;
  /** Records name their site by this number plus its index; rule sets that share a ring must not overlap. */
  readonly firstSite?: number;
  /** Reports carry all that is known of the caller also where no rule asks for it. */
  readonly reportsCaller?: boolean;
  /** Choices by chance depend on this number alone, a whole one below 2^32. Default: the kernel's own random numbers. */
  readonly seed?: number | undefined;
  /** For tests: no thread gets memory to evaluate text in, as on a machine that has none left. */
  readonly withoutAreas?: boolean;
  /** For tests: so many rules that differ in constants alone share code. */
  readonly groupsFrom?: number;
}

export type CompileResult =
  | { readonly ok: true; readonly compiled: CompiledRules }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export function compileRules(
  given: readonly CheckedRule[],
  options: CompileOptions,
): CompileResult {
  const { rules, leftOut } = leaveOutUnknown(given, options.machine);
  const result = compileKnown(rules, options);
  if (!result.ok || leftOut.length === 0) return result;
  const lines = leftOut.map(
    ({ rule, calls }) =>
      `rule '${rule}': its class leaves out calls whose file no program receives (sct run decides on them): ${calls.join(", ")}`,
  );
  const { compiled } = result;
  return { ok: true, compiled: { ...compiled, notices: [...lines, ...compiled.notices] } };
}

function compileKnown(rules: readonly CheckedRule[], options: CompileOptions): CompileResult {
  const refused = unsupportedBy(rules, options.machine);
  if (refused.length > 0) return { ok: false, diagnostics: refused };
  const planned = plan(rules, options);
  const unenforceable = [
    ...refuseUnenforceable(planned.blocks, options.machine),
    ...refuseSuspensions(planned.blocks),
    ...refuseFrequencies(planned.blocks),
    ...refuseCounts(rules),
    ...refuseNamesOfSuspending(rules),
  ];
  if (unenforceable.length > 0) return { ok: false, diagnostics: unenforceable };
  try {
    return { ok: true, compiled: generate(planned, rules, options) };
  } catch (error) {
    if (!isLimit(error)) throw error;
    const diagnostics = unbuildableRules(rules, options);
    if (diagnostics.length === 0 && error instanceof AreaExhaustedError)
      diagnostics.push(tooComplex(error.message, error.span));
    // each rule alone is small enough: nothing better can be said than what all of them together ran into
    if (diagnostics.length === 0) throw error;
    return { ok: false, diagnostics };
  }
}

/** Limits that only show when code is made are found rule by rule, so that the right one is named. */
function unbuildableRules(rules: readonly CheckedRule[], options: CompileOptions): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const rule of rules) {
    try {
      generate(plan([rule], options), [rule], options);
    } catch (error) {
      if (!isLimit(error)) throw error;
      found.push(...unbuildable(rule, error));
    }
  }
  return found;
}

function tooComplex(message: string, span: Span): Diagnostic {
  return { code: "too_complex_for_kernel", severity: "error", message, span };
}

function plan(rules: readonly CheckedRule[], { machine, reportsCaller }: CompileOptions): Plan {
  const reports = { caller: reportsCaller === true, directories: machine.canLoop };
  return enforcePlan(planRules(rules, reports), machine);
}

type Limit = DfaTooLargeError | StackExhaustedError | AreaExhaustedError;

function isLimit(error: unknown): error is Limit {
  return [DfaTooLargeError, StackExhaustedError, AreaExhaustedError].some(
    (limit) => error instanceof limit,
  );
}

function generate(
  { blocks, sites }: Plan,
  rules: readonly CheckedRule[],
  options: CompileOptions,
): CompiledRules {
  const tables = new DfaTable();
  const { facts } = options.machine;
  const walksPaths = blocks.some(namesFiles);
  const input: ProgramInput = {
    blocks,
    tables,
    identities: new IdentityTable(),
    otherNames: new OtherNames(),
    groups: new GroupTable(),
    groupsFrom: options.groupsFrom ?? groupsFrom(options.machine),
    ruleCount: rules.length,
    ancestors: new AncestorTable(),
    counts: new CountLayout(rules),
    facts,
    walksPaths,
    createsAreas: options.withoutAreas !== true,
    losesAreas: options.machine.isPreemptive,
    hookArgument: (hook, name) => invariantArgument(options.machine, hook, name),
    keepsLookups: blocks.some(keepsLookups),
    generation: options.generation ?? 1,
    seed: options.seed,
    firstSite: options.firstSite ?? 0,
  };
  let programs = makePrograms(input, options.machine);
  // the size of the automata is part of the code that walks them, and known only now
  if (tables.size + input.groups.size > 0 || input.otherNames.sets.length > 0)
    programs = makePrograms(input, options.machine);
  return {
    programs,
    maps: mapsFor(blocks, rules, input, options.ringBytes),
    identifiedPaths: input.identities.paths,
    testSets: input.otherNames.sets,
    notices: weakActions(blocks, options.machine),
    ring: ringCoverage(blocks),
    sites,
    rules,
    generation: input.generation,
    enforcement: blocks.flatMap(enforcementOf),
  };
}

function groupsFrom({ canLoop }: Machine): number {
  return canLoop ? GROUPS_FROM : Number.POSITIVE_INFINITY;
}

function invariantArgument(machine: Machine, hook: string, name: string): number {
  const found = machine.hookArgument(hook, name);
  if (found === undefined) throw new Error(`${hook} has no argument ${name}`);
  return found;
}

function enforcementOf(block: Block): CallEnforcement[] {
  const { before, call, abi, enforcement, hooks } = block;
  if (!before.some(({ rule }) => acts(rule))) return [];
  if (enforcement === undefined) return [{ call, abi, by: "nothing", hooks: [], onCopy: false }];
  const acting = before.filter(({ rule }) => acts(rule));
  const onCopy = acting.every(({ candidates }) =>
    candidates.every((candidate) => looksAtCopies(block, candidate)),
  );
  const isOnCopy = (planned: PlannedRule): boolean =>
    readPlaces([planned]).some((place) => decidesOnCopy(block, place));
  // a file is known only where the kernel has found it
  const atEntry = enforcement.modify && !usesFiles(block) && !before.some(isOnCopy);
  return [{ call, abi, by: atEntry ? "return value" : "hooks", hooks, onCopy }];
}
