/** Programs at the exit of calls: what was put off, and `after` rules. */
import { ERESTARTNOINTR } from "../../base/linux-abi.ts";
import { type Assembled, Assembler, R0, R1, R6, R7, R8, R9 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { forgetAncestors } from "../emit/ancestors.ts";
import { emitDispatch } from "../emit/dispatch.ts";
import { emitDuration, measures } from "../emit/duration.ts";
import { ALL_GROUPS } from "../emit/fields.ts";
import { emitRuleEntries, emitRules } from "../emit/rules.ts";
import { recoverStrings } from "../emit/strings.ts";
import { emitCallDone } from "../emit/suspended.ts";
import { AreaOffset, HookVerdict, NO_CALL, PendingState } from "../layout/area.ts";
import { needsExit, stopsCalls } from "../layout/needs.ts";
import type { Block } from "../plan/block.ts";
import { familiesOf } from "../plan/families.ts";
import type { Attachment } from "./attachment.ts";
import { emitCallbacks, findArea, makeContext, type ProgramInput } from "./context.ts";

/** Undefined if no call has anything to do at its exit. */
export function exitProgram(input: ProgramInput, attachment: Attachment): Assembled | undefined {
  const families =
    attachment.kind === "raw_tracepoint"
      ? familiesOf(input.blocks)
      : input.blocks.map((block) => ({ leader: block, members: [block] }));
  const members = new Map(families.map((family) => [family.leader, family.members]));
  // entries leave the number of the one whose code is that of all
  const blocks = [...members.keys()].filter(needsExit);
  if (blocks.length === 0) return undefined;
  const a = new Assembler("sct_exit");
  const context = R8;
  a.mov(context, R1).call("bpf_get_current_task_btf").mov(R7, R0);
  a.comment("threads that never made a named call leave here");
  a.load("u64", R1, R7, input.facts.task.bpfStorage).jump("eq", R1, 0, "ignore");
  findArea(a, input, "ignore");
  a.store("u32", R9, AreaOffset.verdict, HookVerdict.none).store(
    "u32",
    R9,
    AreaOffset.nr,
    NO_CALL | 0,
  );
  // a return probe has the registers of the function that returned, all others have the value as argument
  const value = attachment.kind === "kretprobe" ? input.facts.regs.ax : 8;
  a.load("u64", R8, context, value);
  if (blocks.some(stopsCalls)) emitStopped(a, input, blocks[0] as Block);
  a.load("u32", R6, R9, AreaOffset.pending).jump("eq", R6, 0, "ignore");
  a.store("u32", R9, AreaOffset.pending, 0).load("u32", R1, R9, AreaOffset.block);
  emitDispatch(
    a,
    R1,
    blocks.map((block) => ({ value: block.id, label: `block.${block.id}` })),
    "ignore",
  );
  for (const block of blocks) emitExitBlock(a, input, block, (members.get(block)?.length ?? 0) > 1);
  a.label("ignore").return(0);
  emitCallbacks(a, input);
  return a.assemble({ tidy: true });
}

/** A suspended call that is made again has not returned yet; one that is not made again frees no other. */
function emitStopped(a: Assembler, input: ProgramInput, block: Block): void {
  a.load("u32", R1, R9, AreaOffset.passFresh).jump("eq", R1, 0, "not_stopped");
  a.store("u32", R9, AreaOffset.passFresh, 0).jump("ne", R8, -ERESTARTNOINTR, "done_already");
  a.store("u32", R9, AreaOffset.pending, 0).goto("ignore");
  a.label("done_already").store("u32", R9, AreaOffset.pass, 0);
  emitCallDone(makeContext(input, { a, block, stage: "exit", hasArea: true }));
  a.label("not_stopped");
}

function emitExitBlock(a: Assembler, input: ProgramInput, block: Block, isShared: boolean): void {
  const name = `block.${block.id}`;
  const late = `${name}.late`;
  const after = `${name}.after`;
  const opened = makeContext(input, { a, block, stage: "late", hasArea: true, isShared });
  for (const group of ALL_GROUPS) opened.filled.add(group);
  a.label(name);
  recoverStrings(opened);
  forgetAncestors(opened);
  if (block.before.length > 0) {
    a.mov(R1, R6).and(R1, PendingState.late).jump("eq", R1, 0, after);
    a.load("u32", R1, R9, AreaOffset.lateRule);
    emitRuleEntries(opened, block.before, late, R1, "ignore");
    emitRules(opened, block.before, late, after, undefined);
  }
  a.label(after);
  if (block.after.length > 0) {
    a.mov(R1, R6).and(R1, PendingState.after).jump("eq", R1, 0, "ignore");
    a.store("u64", R9, RecordOffset.retval, R8);
    if (measures(block)) emitDuration(a);
    emitRules({ ...opened, stage: "exit" }, block.after, `${name}.exit`, "ignore", undefined);
  }
  a.goto("ignore");
}
