/** What all programs begin with: the state of code generation, the record, the end. */
import { type Assembler, R0, R1, R2, R3, R4, R7, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { emitAncestorSteps } from "../emit/ancestors.ts";
import { emitAutomatonSteps } from "../emit/automaton-run.ts";
import { emitCondition } from "../emit/conditions.ts";
import { emitContainerStep } from "../emit/container.ts";
import type { Context, Stage } from "../emit/context.ts";
import { emitMissedStep } from "../emit/counters.ts";
import { emitGatherStep } from "../emit/gather.ts";
import { emitGroupSteps } from "../emit/group-steps.ts";
import { emitListSteps } from "../emit/lists.ts";
import { testSetsOf } from "../emit/meanings.ts";
import { emitPathStep } from "../emit/path-walk.ts";
import { STACK_RECORD, StackFrame } from "../emit/stack.ts";
import { emitCompareStep } from "../emit/string-compare.ts";
import { emitVectorStep } from "../emit/vector-length.ts";
import type { KernelFacts } from "../facts.ts";
import { type AncestorTable, ancestorsAsked } from "../layout/ancestors.ts";
import { AREA_HEADER_SIZE, AreaOffset, HookVerdict, SCRATCH_SIZE } from "../layout/area.ts";
import type { CountLayout } from "../layout/counts.ts";
import type { GroupTable } from "../layout/groups.ts";
import { type IdentityTable, identitiesLayout } from "../layout/identities.ts";
import { MapName } from "../layout/map-names.ts";
import { namesLayout, type OtherNames } from "../layout/other-names.ts";
import type { DfaTable } from "../layout/tables.ts";
import type { Block } from "../plan/block.ts";
import { emitWithoutArea } from "./fail-closed.ts";

export interface ProgramInput {
  readonly blocks: readonly Block[];
  readonly facts: KernelFacts;
  readonly tables: DfaTable;
  readonly identities: IdentityTable;
  readonly otherNames: OtherNames;
  readonly groups: GroupTable;
  readonly groupsFrom: number;
  readonly ruleCount: number;
  readonly ancestors: AncestorTable;
  readonly counts: CountLayout;
  /** See CompileOptions. */
  readonly generation: number;
  readonly seed: number | undefined;
  readonly firstSite: number;
  /** Some rule names a file: areas have scratch space. */
  readonly walksPaths: boolean;
  /** Number of an argument of a security hook, by its name. */
  hookArgument(hook: string, name: string): number;
  /** Hooks need what the lookup of the call has found (see lookup.ts). */
  readonly keepsLookups: boolean;
  /** Threads get an area when they first need one; false: see CompileOptions.withoutAreas. */
  readonly createsAreas: boolean;
  /** Hooks may find no area where there is one: entries keep what they decided elsewhere, too (see fail-closed.ts). */
  readonly losesAreas: boolean;
}

export interface ContextOptions {
  readonly a: Assembler;
  readonly block: Block;
  readonly stage: Stage;
  readonly hasArea: boolean;
  /** The program returns a decision. */
  readonly hasVerdict?: boolean;
  /** The security hook that the code runs in. */
  readonly hook?: string;
  /** An operation of io_uring. */
  readonly isRing?: boolean;
  /** The code is that of several calls. */
  readonly isShared?: boolean;
}

/** Stack slot of the decision, the same in all blocks of a program. */
export const VERDICT_SLOT = -8;

export function makeContext(input: ProgramInput, options: ContextOptions): Context {
  const { a, block, stage, hasArea, hasVerdict = false, hook } = options;
  const stack = new StackFrame();
  const verdict = hasVerdict ? stack.reserve() : undefined;
  const isShared = options.isShared === true;
  const sharedSite = !isShared ? undefined : hasArea ? "area" : { slot: stack.reserve() };
  // the end of the early strings, and the end of the record that is being reported
  const tailEnd = hasArea ? stack.reserve(2) : undefined;
  const stringOffsets = block.strings.map((_, k) => (k === 0 ? 0 : stack.reserve()));
  const meanings = hasArea
    ? [...testSetsOf(block)].map(([k, tests]) => ({
        ...{ k, tests, set: input.otherNames.place(tests) },
        slot: stack.reserve(),
      }))
    : [];
  const ancestors = ancestorsAsked(block).map((group) => ({
    ...{ group, number: input.ancestors.place(group) },
    slot: stack.reserve(),
  }));
  return {
    a,
    block,
    stage,
    meanings,
    ancestors,
    hasArea,
    facts: input.facts,
    tables: input.tables,
    identities: input.identities,
    otherNames: input.otherNames,
    counts: input.counts,
    groups: input.groups,
    groupsFrom: input.groupsFrom,
    sharedSite,
    firstSite: input.firstSite,
    generation: input.generation,
    seed: input.seed,
    stack,
    tailEnd,
    verdict,
    stringOffsets,
    hook,
    hookArgument: (name) => input.hookArgument(hook ?? "", name),
    isRing: options.isRing === true,
    areaStart: areaStart(input),
    createsAreas: input.createsAreas,
    filled: new Set(),
    emitCondition,
  };
}

/** Bytes before the record in an area. */
export function areaStart(input: ProgramInput): number {
  return input.counts.room + AREA_HEADER_SIZE + (input.walksPaths ? SCRATCH_SIZE : 0);
}

/** What goes over texts, behind the program. */
export function emitAutomata(a: Assembler, input: ProgramInput): void {
  const { tables, groups, ruleCount } = input;
  const { sets } = input.otherNames;
  const span = sets.length === 0 ? 0 : namesLayout(sets).span;
  const { pairs } = identitiesLayout(input.identities.paths.length);
  emitGroupSteps(a, { size: groups.size, span, pairs, ruleCount });
  emitMissedStep(a, ruleCount);
  emitAutomatonSteps(a, tables.size, sets.length === 0 ? 0 : namesLayout(sets).size);
  // goes away again where nothing uses it
  emitCompareStep(a);
}

/** Callbacks of texts and numbers in the caller's memory. They go away again where nothing uses them. */
export function emitByteSteps(a: Assembler, blocks: readonly Block[]): void {
  emitVectorStep(a);
  emitGatherStep(a);
  emitListSteps(a, blocks);
}

/** The callbacks that code of the program may use, behind it. */
export function emitCallbacks(a: Assembler, input: ProgramInput): void {
  emitAutomata(a, input);
  if (input.walksPaths) {
    emitPathStep(a, input.facts);
    emitContainerStep(a, input.facts);
  }
  emitAncestorSteps(a, input.facts, input.ancestors);
  emitByteSteps(a, input.blocks);
}

/** r9 = the record in the area of the task in r7; goes to `none` where there is no area. */
export function findArea(a: Assembler, input: ProgramInput, none: string): void {
  a.loadMap(R1, MapName.areas).mov(R2, R7).mov(R3, 0).mov(R4, 0).call("bpf_task_storage_get");
  a.jump("eq", R0, 0, none).mov(R9, R0).add(R9, areaStart(input));
}

/** Points r9 to a record for a call that begins; r7 is the task. */
export function openRecord(c: Context, keepsLookups: boolean): void {
  const { a, block } = c;
  if (!c.hasArea) {
    // left as it is: a match stores every field, else the verifier refuses to have it copied to the ring
    a.mov(R9, R10).add(R9, STACK_RECORD);
    return;
  }
  const there = a.newLabel("area");
  a.loadMap(R1, MapName.areas)
    .mov(R2, R7)
    .mov(R3, 0)
    .mov(R4, c.createsAreas ? 1 : 0);
  a.call("bpf_task_storage_get").jump("ne", R0, 0, there);
  emitWithoutArea(c, "ignore");
  a.label(there).mov(R9, R0).add(R9, c.areaStart);
  a.store("u32", R9, AreaOffset.pending, 0).store("u32", R9, AreaOffset.block, block.id);
  a.store("u32", R9, AreaOffset.verdict, HookVerdict.none).store(
    "u32",
    R9,
    AreaOffset.nr,
    block.nr,
  );
  a.store("u32", R9, RecordOffset.flags, 0);
  // what an earlier call has looked up is not for this one
  if (keepsLookups) a.store("u64", R9, AreaOffset.lookupDentry, 0);
}
