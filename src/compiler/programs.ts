/**
 * The programs of a rule set:
 *
 *   enter  raw tracepoint sys_enter (regs, id): finds the block of the call and evaluates `before` rules
 *   exit   raw tracepoint sys_exit (regs, ret): what was put off, and `after` rules
 *   exec   raw tracepoint sched_process_exec (task, old pid, binprm): keeps the file name, whose memory is gone
 *          when the call returns
 */
import {
  type Assembled,
  Assembler,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R8,
  R9,
  R10,
} from "../bpf/asm/index.ts";
import {
  RECORD_HEADER_SIZE,
  RecordOffset,
  TAIL_ENTRY_HEADER_SIZE,
  TailStatus,
} from "../events/layout.ts";
import { AREA_HEADER_SIZE, AreaOffset, Pending, STRING_READ_SIZE } from "./area.ts";
import { emitAutomatonStep } from "./emit/automaton-run.ts";
import { type Context, MapName, type Stage } from "./emit/context.ts";
import { count } from "./emit/counters.ts";
import { emitDispatch } from "./emit/dispatch.ts";
import { ALL_GROUPS, fillFields } from "./emit/fields.ts";
import { emitRules, ruleLabel } from "./emit/rules.ts";
import { STACK_RECORD, StackFrame } from "./emit/stack.ts";
import { type Place, readStrings, recoverStrings, setEntryFromCount } from "./emit/strings.ts";
import { ARGUMENT_REGISTERS, type KernelFacts, TS_COMPAT } from "./facts.ts";
import { needsArea, needsExit } from "./needs.ts";
import type { Block } from "./plan.ts";
import type { DfaTable } from "./tables.ts";

export interface ProgramInput {
  readonly blocks: readonly Block[];
  readonly facts: KernelFacts;
  readonly tables: DfaTable;
  readonly selfPid: number;
}

export interface ContextOptions {
  readonly a: Assembler;
  readonly block: Block;
  readonly stage: Stage;
  readonly hasArea: boolean;
}

export function makeContext(input: ProgramInput, options: ContextOptions): Context {
  const stack = new StackFrame();
  // the end of the early strings, and the end of the record that is being reported
  const tailEnd = options.hasArea ? stack.reserve(2) : undefined;
  const stringOffsets = options.block.strings.map((_, k) => (k === 0 ? 0 : stack.reserve()));
  return {
    ...options,
    facts: input.facts,
    tables: input.tables,
    selfPid: input.selfPid,
    stack,
    tailEnd,
    stringOffsets,
    filled: new Set(),
  };
}

export function enterProgram(input: ProgramInput): Assembled {
  const a = new Assembler("sct_enter");
  const { facts } = input;
  a.comment("number of the call: the low 32 bits decide").load("u64", R6, R1, 8).mov32(R6, R6);
  const numbers = [...new Set(input.blocks.map((block) => block.nr))].sort((x, y) => x - y);
  emitDispatch(
    a,
    R6,
    numbers.map((nr) => ({ value: nr, label: `nr.${nr}` })),
    "ignore",
  );
  for (const nr of numbers) {
    a.label(`nr.${nr}`).call("bpf_get_current_task_btf").mov(R7, R0);
    a.load("u32", R1, R7, facts.task.status).and(R1, TS_COMPAT);
    const of = (abi: string): string =>
      input.blocks.some((b) => b.nr === nr && b.abi === abi) ? `${abi}.${nr}` : "ignore";
    a.jump("ne", R1, 0, of("i386")).goto(of("x86_64"));
  }
  for (const block of input.blocks) emitEnterBlock(a, input, block);
  a.label("ignore").return(0);
  if (input.tables.size > 0) emitAutomatonStep(a, input.tables.size);
  return a.assemble({ tidy: true });
}

function emitEnterBlock(a: Assembler, input: ProgramInput, block: Block): void {
  const prefix = `${block.abi}.${block.nr}`;
  const c = makeContext(input, { a, block, stage: "enter", hasArea: needsArea(block) });
  const { task } = input.facts;
  a.label(prefix).load("u32", R1, R7, task.tgid);
  a.loadImm(R2, input.selfPid).jump("eq", R1, R2, "ignore");
  a.mov(R1, R7).call("bpf_task_pt_regs").mov(R8, R0);
  openRecord(c, true);
  ARGUMENT_REGISTERS[block.abi].forEach((register, i) => {
    a.load("u64", R1, R8, input.facts.regs[register]);
    // the upper halves are not part of a 32-bit call
    if (block.abi === "i386") a.mov32(R1, R1);
    a.store("u64", R9, RecordOffset.args + i * 8, R1);
  });
  const done = `${prefix}.done`;
  const canDefer = needsExit(block);
  if (c.hasArea) readStrings(c);
  if (block.after.length > 0) fillFields(c, ALL_GROUPS);
  const deferrals = new Set<number>();
  emitRules(
    c,
    block.before,
    prefix,
    done,
    canDefer
      ? (position) => {
          deferrals.add(position);
          return `${prefix}.defer${position}`;
        }
      : undefined,
  );
  for (const position of deferrals) {
    a.label(`${prefix}.defer${position}`).store("u32", R9, AreaOffset.lateRule, position);
    a.goto(`${prefix}.defer`);
  }
  if (deferrals.size > 0) {
    a.label(`${prefix}.defer`);
    const filled = new Set(c.filled);
    fillFields(c, ALL_GROUPS);
    a.store("u32", R9, AreaOffset.pending, Pending.late);
    if (block.after.length === 0) emitEntryTime(c);
    c.filled.clear();
    for (const group of filled) c.filled.add(group);
    if (block.after.length === 0) a.goto("ignore");
  }
  a.label(done);
  if (block.after.length > 0) {
    emitEntryTime(c);
    a.load("u32", R1, R9, AreaOffset.pending).or(R1, Pending.after);
    a.store("u32", R9, AreaOffset.pending, R1);
  }
  a.goto("ignore");
}

function emitEntryTime(c: Context): void {
  c.a.call("bpf_ktime_get_boot_ns").store("u64", R9, AreaOffset.entryTime, R0);
}

/** Points r9 to the record; r7 is the task. With `create` a new area is made where there is none. */
export function openRecord(c: Context, create: boolean): void {
  const { a, block } = c;
  if (!c.hasArea) {
    a.mov(R9, R10).add(R9, STACK_RECORD);
    // a record on the stack must be initialised as a whole before the ring may copy it
    for (let at = 0; at < RECORD_HEADER_SIZE; at += 8) a.store("u64", R9, at, 0);
    return;
  }
  const there = a.newLabel("area");
  a.loadMap(R1, MapName.areas)
    .mov(R2, R7)
    .mov(R3, 0)
    .mov(R4, create ? 1 : 0);
  a.call("bpf_task_storage_get").jump("ne", R0, 0, there);
  for (const ruleIndex of new Set([...block.before, ...block.after].map((p) => p.ruleIndex))) {
    count(c, ruleIndex, "missed");
  }
  a.goto("ignore");
  a.label(there).mov(R9, R0).add(R9, AREA_HEADER_SIZE);
  a.store("u32", R9, AreaOffset.pending, 0).store("u32", R9, AreaOffset.block, block.id);
}

/** Undefined if no call has anything to do at its exit. */
export function exitProgram(input: ProgramInput): Assembled | undefined {
  const blocks = input.blocks.filter(needsExit);
  if (blocks.length === 0) return undefined;
  const a = new Assembler("sct_exit");
  const ctx = R8;
  a.mov(ctx, R1).call("bpf_get_current_task_btf").mov(R7, R0);
  a.comment("threads that never made a named call leave here");
  a.load("u64", R1, R7, input.facts.task.bpfStorage).jump("eq", R1, 0, "ignore");
  a.loadMap(R1, MapName.areas).mov(R2, R7).mov(R3, 0).mov(R4, 0).call("bpf_task_storage_get");
  a.jump("eq", R0, 0, "ignore").mov(R9, R0).add(R9, AREA_HEADER_SIZE);
  a.load("u32", R6, R9, AreaOffset.pending).jump("eq", R6, 0, "ignore");
  a.store("u32", R9, AreaOffset.pending, 0);
  a.load("u64", R8, ctx, 8).load("u32", R1, R9, AreaOffset.block);
  emitDispatch(
    a,
    R1,
    blocks.map((block) => ({ value: block.id, label: `block.${block.id}` })),
    "ignore",
  );
  for (const block of blocks) emitExitBlock(a, input, block);
  a.label("ignore").return(0);
  if (input.tables.size > 0) emitAutomatonStep(a, input.tables.size);
  return a.assemble({ tidy: true });
}

function emitExitBlock(a: Assembler, input: ProgramInput, block: Block): void {
  const name = `block.${block.id}`;
  const late = `${name}.late`;
  const after = `${name}.after`;
  const opened = makeContext(input, { a, block, stage: "late", hasArea: true });
  for (const group of ALL_GROUPS) opened.filled.add(group);
  a.label(name);
  recoverStrings(opened);
  if (block.before.length > 0) {
    a.mov(R1, R6).and(R1, Pending.late).jump("eq", R1, 0, after);
    a.load("u32", R1, R9, AreaOffset.lateRule);
    emitDispatch(
      a,
      R1,
      block.before.map((_, i) => ({ value: i, label: ruleLabel(late, i) })),
      "ignore",
    );
    emitRules(opened, block.before, late, after, undefined);
  }
  a.label(after);
  if (block.after.length > 0) {
    a.mov(R1, R6).and(R1, Pending.after).jump("eq", R1, 0, "ignore");
    a.store("u64", R9, RecordOffset.retval, R8);
    emitRules({ ...opened, stage: "exit" }, block.after, `${name}.exit`, "ignore", undefined);
  }
  a.goto("ignore");
}

/** Undefined if no exec is named. */
export function execProgram(input: ProgramInput): Assembled | undefined {
  const blocks = input.blocks.filter((block) => block.isExec && block.strings.length > 0);
  if (blocks.length === 0) return undefined;
  const a = new Assembler("sct_exec");
  const block = blocks[0] as Block;
  const c = makeContext(input, { a, block, stage: "late", hasArea: true });
  a.mov(R6, R1).call("bpf_get_current_task_btf").mov(R7, R0);
  a.loadMap(R1, MapName.areas).mov(R2, R7).mov(R3, 0).mov(R4, 0).call("bpf_task_storage_get");
  a.jump("eq", R0, 0, "ignore").mov(R9, R0).add(R9, AREA_HEADER_SIZE);
  a.load("u32", R1, R9, AreaOffset.pending).jump("eq", R1, 0, "ignore");
  a.load("u32", R1, R9, AreaOffset.block);
  emitDispatch(
    a,
    R1,
    blocks.map(({ id }) => ({ value: id, label: `exec.${id}` })),
    "ignore",
  );
  for (const { id } of blocks) a.label(`exec.${id}`);
  const entry: Place = { base: R9, offset: RECORD_HEADER_SIZE };
  a.load("u16", R1, R9, entry.offset + 2).jump("ne", R1, TailStatus.unreadable, "ignore");
  c.stack.with(1, (slot) => {
    a.mov(R1, R10).add(R1, slot).mov(R2, 8).load("u64", R3, R6, 16);
    a.add(R3, input.facts.binprmFilename).call("bpf_probe_read_kernel").jump("ne", R0, 0, "ignore");
    a.load("u64", R3, R10, slot);
  });
  a.mov(R1, R9)
    .add(R1, entry.offset + TAIL_ENTRY_HEADER_SIZE)
    .mov(R2, STRING_READ_SIZE);
  a.call("bpf_probe_read_kernel_str").jump("slt", R0, 0, "ignore");
  setEntryFromCount(c, () => entry, a.newLabel("whole"));
  a.label("ignore").return(0);
  return a.assemble({ tidy: true });
}
