/**
 * Checked rules → programs and maps as plain data. Pure: the same rules and facts always give the same bytes;
 * nothing here opens, loads or asks the machine.
 */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Site } from "../events/site.ts";
import type { CheckedRule } from "../language/checked/index.ts";
import type { Abi } from "../language/vocabulary.ts";
import { DfaTooLargeError } from "./dfa/dfa.ts";
import { MapName } from "./emit/context.ts";
import { COUNTERS_SIZE, RARE_COUNTERS_SIZE } from "./emit/counters.ts";
import { LIMIT_KEY_SIZE, LIMIT_VALUE_SIZE } from "./emit/limit.ts";
import { refuseSuspensions } from "./emit/pass.ts";
import { StackExhaustedError } from "./emit/stack.ts";
import { SUSPENDED_MAP, suspendsAny } from "./emit/suspended.ts";
import { areaSize } from "./layout/area.ts";
import { IDENTITIES_OF_PATH, IDENTITY_SIZE, IdentityTable } from "./layout/identities.ts";
import { keepsLookups, namesFiles, needsArea, tailNeeds } from "./layout/needs.ts";
import { namesLayout, OtherNames, type TestSet } from "./layout/other-names.ts";
import { DfaTable } from "./layout/tables.ts";
import type { Machine } from "./machine.ts";
import { acts, refuseUnenforceable, ringCoverage, weakActions } from "./plan/enforce.ts";
import { type Block, type Plan, planRules, usesFiles } from "./plan/plan.ts";
import { leaveOutUnknown, unsupportedBy } from "./plan/support.ts";
import { makePrograms } from "./programs/all.ts";
import type { CompiledProgram } from "./programs/attachment.ts";
import type { ProgramInput } from "./programs/context.ts";
import { CONTROL_SIZE, TURNS_MAP } from "./programs/control.ts";
import { CLOSED_MAPS, closesInHooks } from "./programs/fail-closed.ts";

/** A map that the programs name; see MapSpec of src/bpf for the meaning of the sizes. */
export interface CompiledMap {
  readonly name: string;
  readonly type: "ringbuf" | "array" | "percpu_array" | "hash" | "lru_hash" | "task_storage";
  readonly keySize?: number;
  readonly valueSize?: number;
  readonly maxEntries?: number;
  /** Content of entry 0, written before programs are loaded; the map is then frozen. */
  readonly content?: Uint8Array;
}

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
  /** For tests: no thread gets memory to evaluate text in, as on a machine that has none left. */
  readonly withoutAreas?: boolean;
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
  ];
  if (unenforceable.length > 0) return { ok: false, diagnostics: unenforceable };
  try {
    return { ok: true, compiled: generate(planned, rules, options) };
  } catch (error) {
    if (!isLimit(error)) throw error;
    const diagnostics = unbuildableRules(rules, options);
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
      found.push({
        code: "too_complex_for_kernel",
        severity: "error",
        message: (error as Error).message,
        span: rule.span,
      });
    }
  }
  return found;
}

function plan(rules: readonly CheckedRule[], options: CompileOptions): Plan {
  return planRules(rules, options.machine, options.reportsCaller);
}

function isLimit(error: unknown): boolean {
  return error instanceof DfaTooLargeError || error instanceof StackExhaustedError;
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
    facts,
    walksPaths,
    createsAreas: options.withoutAreas !== true,
    losesAreas: options.machine.isPreemptive,
    hookArgument: (hook, name) => invariantArgument(options.machine, hook, name),
    keepsLookups: blocks.some(keepsLookups),
    generation: options.generation ?? 1,
    firstSite: options.firstSite ?? 0,
  };
  let programs = makePrograms(input, options.machine);
  // the size of the automata is part of the code that walks them, and known only now
  if (tables.size > 0 || input.otherNames.sets.length > 0)
    programs = makePrograms(input, options.machine);
  return {
    programs,
    maps: mapsFor(blocks, rules, input, options),
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

function invariantArgument(machine: Machine, hook: string, name: string): number {
  const found = machine.hookArgument(hook, name);
  if (found === undefined) throw new Error(`${hook} has no argument ${name}`);
  return found;
}

function enforcementOf(block: Block): CallEnforcement[] {
  const { before, call, abi, enforcement, hooks } = block;
  if (!before.some(({ rule }) => acts(rule))) return [];
  if (enforcement === undefined) return [{ call, abi, by: "nothing", hooks: [] }];
  // a file is known only where the kernel has found it
  const atEntry = enforcement.modify && !usesFiles(block);
  return [{ call, abi, by: atEntry ? "return value" : "hooks", hooks }];
}

export function mapsFor(
  blocks: readonly Block[],
  rules: readonly CheckedRule[],
  { tables, identities, otherNames }: Pick<ProgramInput, "tables" | "identities" | "otherNames">,
  options: CompileOptions,
): CompiledMap[] {
  const maps: CompiledMap[] = [
    { name: MapName.events, type: "ringbuf", maxEntries: options.ringBytes },
    { name: MapName.sequence, type: "array", valueSize: 8, maxEntries: 1 },
    { name: MapName.control, type: "array", valueSize: CONTROL_SIZE, maxEntries: 1 },
    TURNS_MAP,
    {
      name: MapName.counters,
      type: "percpu_array",
      valueSize: COUNTERS_SIZE,
      maxEntries: Math.max(rules.length, 1),
    },
    {
      name: MapName.rareCounters,
      type: "array",
      valueSize: Math.max(rules.length, 1) * RARE_COUNTERS_SIZE,
      maxEntries: 1,
    },
  ];
  const withArea = blocks
    .filter((block) => needsArea(block) || block.ringHooks.length > 0)
    .map(tailNeeds);
  if (withArea.length > 0) {
    const strings = Math.max(...withArea.map((needs) => needs.strings));
    const values = Math.max(...withArea.map((needs) => needs.values));
    maps.push({
      name: MapName.areas,
      type: "task_storage",
      valueSize: areaSize(strings, values, blocks.some(namesFiles)),
    });
  }
  if (rules.some((rule) => rule.limit !== undefined)) {
    maps.push({
      name: MapName.limits,
      type: "lru_hash",
      keySize: LIMIT_KEY_SIZE,
      valueSize: LIMIT_VALUE_SIZE,
      maxEntries: 65536,
    });
  }
  if (blocks.some(closesInHooks)) maps.push(...CLOSED_MAPS);
  if (suspendsAny(rules)) maps.push({ ...SUSPENDED_MAP });
  const identified = identities.paths.length;
  if (identified > 0) {
    const valueSize = identified * IDENTITIES_OF_PATH * IDENTITY_SIZE;
    maps.push({ name: MapName.identities, type: "array", valueSize, maxEntries: 1 });
  }
  if (otherNames.sets.length > 0) {
    const valueSize = namesLayout(otherNames.sets).size;
    maps.push({ name: MapName.names, type: "array", valueSize, maxEntries: 1 });
  }
  if (tables.size > 0) {
    const content = tables.bytes();
    maps.push({
      name: MapName.automata,
      type: "array",
      valueSize: content.length,
      maxEntries: 1,
      content,
    });
  }
  return maps;
}
