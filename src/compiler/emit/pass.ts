/**
 * What happens to a call that SUSPEND has stopped when it is made again. The process may run a signal handler before
 * that, and others may write to its memory: so the restart is recognised by its registers, and all rules look at what
 * is there now. Only what has been done for this call already is left out: the stop, and lines and counts of rules
 * before it.
 *
 * Rules that let evaluation continue have bits in a u64; of all others the last to suspend is enough to know.
 */

import type { Diagnostic } from "../../base/diagnostic.ts";
import { R0, R1, R2, R7, R8, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { archOf } from "../../linux/index.ts";
import { AreaOffset } from "../layout/area.ts";
import { stopsCalls } from "../layout/needs.ts";
import { isSuspending } from "../layout/suspended.ts";
import type { Block, PlannedRule } from "../plan/block.ts";
import type { Context } from "./context.ts";
import { emitDequeue } from "./suspended.ts";

const BITS = 64;
const IP = AreaOffset.passRegisters;
const SP = IP + 8;
const ARGUMENTS = SP + 8;
/** What is known of the suspended call, and of the one under way. */
const KEPT = [
  [AreaOffset.passSeen, AreaOffset.seen],
  [AreaOffset.passAsked, AreaOffset.asked],
  [AreaOffset.passDue, AreaOffset.due],
] as const;

/** Code of this context can meet a call that is made again. */
export function canBeRestart({ block, stage, isRing }: Context): boolean {
  const judgesBefore = stage === "enter" || stage === "hook" || stage === "late";
  return judgesBefore && !isRing && stopsCalls(block);
}

/** At entry, before rules are evaluated: is this the call that was suspended? Uses r1, r2. */
export function emitRecognise(c: Context): void {
  if (!canBeRestart(c)) return;
  const { a, block, facts } = c;
  const other = a.newLabel("no_restart");
  a.store("u32", R9, AreaOffset.passing, 0).store("u64", R9, AreaOffset.seen, 0);
  a.load("u32", R1, R9, AreaOffset.pass).jump("ne", R1, block.id + 1, other);
  a.comment("a call of a signal handler, perhaps: the other one is still to come").store(
    "u32",
    R9,
    AreaOffset.passFresh,
    0,
  );
  const compare = (at: number): void => {
    a.load("u64", R2, R9, at).jump("ne", R1, R2, other);
  };
  a.load("u64", R1, R8, facts.regs.ip);
  compare(IP);
  a.load("u64", R1, R8, facts.regs.sp);
  compare(SP);
  archOf(block.abi).argumentRegisters.forEach((_, i) => {
    a.load("u64", R1, R9, RecordOffset.args + i * 8);
    compare(ARGUMENTS + i * 8);
  });
  a.store("u32", R9, AreaOffset.pass, 0);
  a.load("u32", R1, R9, AreaOffset.passRule).store("u32", R9, AreaOffset.passing, R1);
  for (const [kept, now] of KEPT) a.load("u64", R1, R9, kept).store("u64", R9, now, R1);
  a.label(other);
}

/** Goes to `otherwise` unless the call is one that is made again. Uses r1. */
export function emitUnlessRestart({ a }: Context, otherwise: string): void {
  a.load("u32", R1, R9, AreaOffset.passing).jump("eq", R1, 0, otherwise);
}

/** Takes a call that is made again out of the queue; goes to `fails` if somebody decided that it fails. */
export function emitLeaveQueue(c: Context, fails: string): void {
  if (!canBeRestart(c)) return;
  const continues = c.a.newLabel("continues");
  emitUnlessRestart(c, continues);
  emitDequeue(c, continues);
  c.a.goto(fails).label(continues);
}

/** Remembers the call under way, which the rule whose position is in a stack slot has suspended. */
export function emitGrantPass({ a, block, facts }: Context, positionSlot: number): void {
  a.load("u64", R1, R10, positionSlot).add(R1, 1).store("u32", R9, AreaOffset.passRule, R1);
  for (const [kept, now] of KEPT) a.load("u64", R1, R9, now).store("u64", R9, kept, R1);
  a.mov(R1, R7).call("bpf_task_pt_regs");
  a.load("u64", R1, R0, facts.regs.ip).store("u64", R9, IP, R1);
  a.load("u64", R1, R0, facts.regs.sp).store("u64", R9, SP, R1);
  archOf(block.abi).argumentRegisters.forEach((_, i) => {
    a.load("u64", R1, R9, RecordOffset.args + i * 8).store("u64", R9, ARGUMENTS + i * 8, R1);
  });
  a.store("u32", R9, AreaOffset.passFresh, 1).store("u32", R9, AreaOffset.pass, block.id + 1);
}

/**
 * For a match: goes to `again` if the rule has matched in this call before it was suspended. Rules without a bit are
 * recognised by the position in the stack slot. Uses r1, r2.
 */
export function emitIfSeen(
  c: Context,
  planned: PlannedRule,
  positionSlot: number,
  again: string,
): void {
  const { a, block } = c;
  const bit = seenBits(block).get(block.before.indexOf(planned));
  if (bit !== undefined) {
    a.load("u64", R1, R9, AreaOffset.seen).loadImm(R2, 1n << BigInt(bit));
    a.jump("set", R1, R2, again).or(R1, R2).store("u64", R9, AreaOffset.seen, R1);
  } else if (isSuspending(planned.rule)) {
    emitIfStoppedBy(c, positionSlot, again);
  }
}

/** Goes to `stopper` if the rule whose position is in the slot was the last to suspend the call. Uses r1, r2. */
export function emitIfStoppedBy({ a }: Context, positionSlot: number, stopper: string): void {
  a.load("u64", R1, R10, positionSlot).add(R1, 1);
  a.load("u32", R2, R9, AreaOffset.passing).jump("eq", R1, R2, stopper);
}

/** Bits of rules behind which others can suspend the call; those that suspend come first. */
function seenBits(block: Block): ReadonlyMap<number, number> {
  const positions = goingOn(block);
  const suspending = positions.filter((position) => suspendsAt(block, position));
  const others = positions.filter((position) => !suspendsAt(block, position));
  return new Map([...suspending, ...others].slice(0, BITS).map((position, bit) => [position, bit]));
}

/** Positions of rules with `continue` before the last that suspends. */
function goingOn({ before }: Block): number[] {
  const last = before.findLastIndex(({ rule }) => isSuspending(rule));
  return [...before.keys()].filter(
    (position) => position < last && before[position]?.rule.continue === true,
  );
}

function suspendsAt({ before }: Block, position: number): boolean {
  return isSuspending((before[position] as PlannedRule).rule);
}

/** More rules than can be distinguished. */
export function refuseSuspensions(blocks: readonly Block[]): Diagnostic[] {
  const found = new Map<PlannedRule["rule"], Diagnostic>();
  for (const block of blocks.filter(stopsCalls)) {
    const suspending = goingOn(block).filter((position) => suspendsAt(block, position));
    for (const position of suspending.slice(BITS)) {
      const { rule } = block.before[position] as PlannedRule;
      found.set(rule, {
        code: "not_supported_by_engine",
        severity: "error",
        message: `The kernel engine can suspend ${block.call} by at most ${BITS} rules with \`continue = yes\` and one more`,
        span: rule.span,
        hint: "rules without `continue` are not limited",
      });
    }
  }
  return [...found.values()];
}
