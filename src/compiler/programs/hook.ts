/**
 * A program in a security hook: carries out what the entry of the call decided. What could not be read there is
 * decided here, where the kernel itself has read it, and the decision is kept for the hooks that follow.
 */

import { type Assembled, Assembler, R0, R1, R2, R6, R7, R8, R9, R10 } from "../../bpf/asm/index.ts";
import { turnOfFile } from "../../linux/index.ts";
import { forgetAncestors } from "../emit/ancestors.ts";
import { emitDispatch } from "../emit/dispatch.ts";
import { ALL_GROUPS } from "../emit/fields.ts";
import { emitRuleEntries, emitRules } from "../emit/rules.ts";
import { emitTurnOfFile } from "../emit/socket-file.ts";
import { recoverStrings } from "../emit/strings.ts";
import { AreaOffset, HookVerdict, NO_CALL, PendingState } from "../layout/area.ts";
import { closesInHooks } from "../layout/closed.ts";
import { repeatsHooks } from "../layout/needs.ts";
import type { Block } from "../plan/block.ts";
import { usesFiles } from "../plan/names.ts";
import {
  emitCallbacks,
  findArea,
  makeContext,
  type ProgramInput,
  VERDICT_SLOT,
} from "./context.ts";
import { emitClosedCheck } from "./fail-closed.ts";
import { emitRing, ringBlocks } from "./ring.ts";

/** The blocks are those whose calls reach the hook; with `ringOnly` those whose operations of io_uring do. */
export function hookProgram(
  input: ProgramInput,
  hook: string,
  ringOnly: readonly Block[],
): Assembled {
  const a = new Assembler("sct_hook");
  const ring = ringBlocks([...input.blocks, ...ringOnly], hook);
  a.mov(R8, R1).call("bpf_get_current_task_btf").mov(R7, R0);
  if (input.blocks.length > 0) emitCalls(a, input, hook, ring.length === 0 ? "allow" : "no_call");
  if (ring.length > 0) emitRing(a, input, ring, hook);
  // 6.12 wants to see that the value lies in -4095 .. 0, and loses track over a negation
  a.label("deny").and(R6, HookVerdict.errno).mov(R0, 0).alu("sub", R0, R6).exit();
  a.label("allow").return(0);
  emitCallbacks(a, input);
  return a.assemble({ tidy: true });
}

/** Goes to `deny` with the decision in r6, to `allow`, or to `noCall` where no call with rules is under way. */
function emitCalls(a: Assembler, input: ProgramInput, hook: string, noCall: string): void {
  const closes = input.blocks.some(closesInHooks);
  const noArea = closes ? "no_area" : noCall;
  a.load("u64", R1, R7, input.facts.task.bpfStorage).jump("eq", R1, 0, noArea);
  findArea(a, input, noArea);
  a.load("u32", R6, R9, AreaOffset.verdict).jump(
    "eq",
    R6,
    HookVerdict.none,
    closes ? "none" : noCall,
  );
  a.comment("a decision is for its own call only");
  a.mov(R1, R7)
    .call("bpf_task_pt_regs")
    .load("u64", R1, R0, input.facts.regs.orig_ax)
    .mov32(R1, R1);
  a.load("u32", R2, R9, AreaOffset.nr).jump("ne", R1, R2, noArea);
  a.mov(R1, R6).and(R1, HookVerdict.undecided).jump("eq", R1, 0, "deny");
  const { blocks } = input;
  a.and(R6, HookVerdict.errno).store("u64", R10, VERDICT_SLOT, R6);
  a.load("u32", R1, R9, AreaOffset.block);
  emitDispatch(
    a,
    R1,
    blocks.map((block) => ({ value: block.id, label: `block.${block.id}` })),
    "allow",
  );
  for (const block of blocks) emitHookBlock(a, input, block, hook);
  if (blocks.some(repeatsHooks)) {
    a.comment("the next one is judged by itself").label("evaluated_one");
    a.load("u64", R6, R10, VERDICT_SLOT).jump("ne", R6, 0, "evaluated");
    a.load("u32", R1, R9, AreaOffset.pending).and(R1, ~PendingState.late);
    a.store("u32", R9, AreaOffset.pending, R1).goto("allow");
  }
  a.label("evaluated").load("u64", R6, R10, VERDICT_SLOT);
  a.store("u32", R9, AreaOffset.verdict, R6);
  a.load("u32", R1, R9, AreaOffset.pending).and(R1, ~PendingState.late);
  a.store("u32", R9, AreaOffset.pending, R1).goto("deny");
  if (closes) {
    a.label("none")
      .load("u32", R1, R9, AreaOffset.nr)
      .mov32(R2, NO_CALL | 0);
    a.jump("ne", R1, R2, noCall).comment("the entry found no area, or there was none");
    a.label("no_area");
    emitClosedCheck(a, input.facts, input.blocks, {
      deny: "deny",
      otherwise: noCall,
      groupsFrom: input.groupsFrom,
    });
  }
}

function emitHookBlock(a: Assembler, input: ProgramInput, block: Block, hook: string): void {
  const name = `block.${block.id}`;
  const c = makeContext(input, { a, block, stage: "hook", hasArea: true, hasVerdict: true, hook });
  for (const group of ALL_GROUPS) c.filled.add(group);
  a.label(name);
  const turn = usesFiles(block) ? turnOfFile(hook) : undefined;
  if (turn !== undefined) emitTurnOfFile(c, turn, "allow");
  recoverStrings(c, repeatsHooks(block));
  forgetAncestors(c);
  a.load("u32", R1, R9, AreaOffset.lateRule);
  const done = repeatsHooks(block) ? "evaluated_one" : "evaluated";
  emitRuleEntries(c, block.before, name, R1, done);
  emitRules(c, block.before, name, done, undefined);
}
