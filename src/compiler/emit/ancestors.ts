/**
 * descends_from: whether an ancestor of the caller's process has a name or a number. A walk over the parents as they are now, from
 * process to process, asks for all names and numbers of a block at once, when the first of them is needed; the answers stay in a slot
 * of the stack for the rest of the program. The kernel gives a process whose parent has ended another one: so does the walk.
 *
 * Context of the callback on the caller's stack: 0 task, 0 behind the last | 8 bits of the answers
 */
import { type Assembler, R1, R2, R3, R4, R6, R7, R8, R10 } from "../../bpf/asm/index.ts";
import { COMM_SIZE } from "../../events/layout.ts";
import type { KernelFacts } from "../facts.ts";
import type { Ancestor, AncestorTable } from "../layout/ancestors.ts";
import type { Context, Outcomes } from "./context.ts";
import { followPointer, readKernel } from "./kernel-memory.ts";
import { obscureZero } from "./unknown-number.ts";

/** As many processes as /proc is asked about by the supervised engine. */
const MOST_STEPS = 256;
const SLOTS = 2;
const AT = { task: 0, bits: 8 } as const;
/** Bits beside those of the answers: the walk was made, and has not come to its end. */
const MADE = 1n << 63n;
const CUT_BIT = 62;

const stepOf = (group: number): string => `ancestors_${group}`;

/** Before the first rule that is evaluated: what an earlier evaluation has found is not for this one. */
export function forgetAncestors({ a, ancestors }: Context): void {
  for (const { slot } of ancestors) a.store("u64", R10, slot, 0);
}

export function emitDescendsFrom(c: Context, ancestor: Ancestor, to: Outcomes): void {
  const { a } = c;
  const asked = c.ancestors.find(({ group }) => group.includes(ancestor));
  if (asked === undefined) throw new Error(`no walk asks for the ancestor ${ancestor}`);
  const known = a.newLabel("ancestors_known");
  a.load("u64", R1, R10, asked.slot).jump("ne", R1, 0, known);
  emitWalk(c, asked.number, asked.slot);
  a.label(known);
  a.mov(R2, R1).rsh(R2, asked.group.indexOf(ancestor)).and(R2, 1).jump("ne", R2, 0, to.yes);
  a.rsh(R1, CUT_BIT).and(R1, 1).jump("ne", R1, 0, to.unreadable).goto(to.no);
}

/** Answers into the slot, and r1. */
function emitWalk(c: Context, group: number, answers: number): void {
  const { a } = c;
  const whole = a.newLabel("ancestors_whole");
  c.stack.with(SLOTS, (slot) => {
    a.store("u64", R10, slot + AT.task, R7);
    obscureZero(c);
    a.store("u64", R10, slot + AT.bits, R1);
    a.mov(R1, MOST_STEPS).loadFunction(R2, stepOf(group)).mov(R3, R10).add(R3, slot).mov(R4, 0);
    a.call("bpf_loop");
    a.load("u64", R1, R10, slot + AT.bits).load("u64", R3, R10, slot + AT.task);
    a.loadImm(R2, MADE).or(R1, R2).jump("eq", R3, 0, whole);
    a.loadImm(R2, 1n << BigInt(CUT_BIT)).or(R1, R2);
    a.label(whole).store("u64", R10, answers, R1);
  });
}

/** The callbacks, to be placed behind a program; those that nothing uses go away again. */
export function emitAncestorSteps(a: Assembler, facts: KernelFacts, table: AncestorTable): void {
  for (const [number, group] of table.groups.entries()) emitStep(a, facts, stepOf(number), group);
}

function emitStep(
  a: Assembler,
  { task }: KernelFacts,
  name: string,
  group: readonly Ancestor[],
): void {
  const [stop, end] = [`${name}_stop`, `${name}_end`];
  const [word, comm] = [-8, -8 - COMM_SIZE];
  a.function(name).mov(R6, R2).load("u64", R3, R6, AT.task);
  followPointer(a, task.realParent, word, stop);
  a.comment("a process is called by the name of its first thread");
  followPointer(a, task.groupLeader, word, stop);
  a.mov(R7, R3).add(R3, task.tgid);
  readKernel(a, word, 4, stop);
  a.load("u32", R8, R10, word).jump("eq", R8, 0, end);
  a.store("u64", R6, AT.task, R7);
  if (group.some((one) => typeof one === "string")) {
    a.mov(R3, R7).add(R3, task.comm);
    readKernel(a, comm, COMM_SIZE, stop);
  }
  group.forEach((ancestor, bit) => {
    if (!emitDifference(a, ancestor, comm)) return;
    // without a branch: the upper bit of x | -x is clear for 0 only
    a.mov(R2, 0).alu("sub", R2, R1).or(R2, R1).rsh(R2, 63).xor(R2, 1).lsh(R2, bit);
    a.load("u64", R3, R6, AT.bits).or(R3, R2).store("u64", R6, AT.bits, R3);
  });
  a.return(0);
  a.comment("process 1 and the first kernel thread come from none");
  a.label(end).store("u64", R6, AT.task, 0);
  a.label(stop).return(1);
}

/** r1 = 0 if the process in r8, whose name is on the stack, is that one; false: none can be. Clobbers r2, r3. */
function emitDifference(a: Assembler, ancestor: Ancestor, comm: number): boolean {
  if (typeof ancestor === "number") {
    a.loadImm(R1, BigInt(ancestor)).xor(R1, R8);
    return true;
  }
  const padded = Buffer.alloc(COMM_SIZE);
  const bytes = Buffer.from(ancestor);
  if (bytes.length >= COMM_SIZE || bytes.includes(0)) return false;
  padded.set(bytes);
  a.mov(R1, 0);
  for (let i = 0; i < COMM_SIZE; i += 8) {
    a.load("u64", R2, R10, comm + i)
      .loadImm(R3, padded.readBigUInt64LE(i))
      .xor(R2, R3)
      .or(R1, R2);
  }
  return true;
}
