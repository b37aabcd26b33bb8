/**
 * Operations that are submitted through io_uring make no system call of their own: they reach the security hooks
 * from io_uring_enter, or from a worker thread of the process. So does what io_submit, the older interface, does. There the rules of the matching call are evaluated
 * with what the hook knows: who, which file, and how it is opened. Text arguments are unreadable, other numbers 0.
 *
 * Reading the events of fanotify opens files, too: each event comes with a descriptor of what another process has opened.
 */
import { EPERM } from "../../base/linux-abi.ts";
import { type Assembler, R0, R1, R2, R3, R4, R6, R7, R8, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { factsOf, isOfSite } from "../../language/index.ts";
import { isNative, type RingUseOf, ringUsesOf, turnOfFile } from "../../linux/index.ts";
import { forgetAncestors } from "../emit/ancestors.ts";
import { ALL_GROUPS, fillFields } from "../emit/fields.ts";
import { emitRules } from "../emit/rules.ts";
import { emitTurnOfFile } from "../emit/socket-file.ts";
import { readObjects } from "../emit/strings.ts";
import { type KernelFacts, PF_IO_WORKER, PF_KTHREAD } from "../facts.ts";
import { AreaOffset, HookVerdict } from "../layout/area.ts";
import { MapName } from "../layout/map-names.ts";
import type { Block, PlannedRule } from "../plan/block.ts";
import { usesFiles } from "../plan/names.ts";
import { areaStart, makeContext, type ProgramInput, VERDICT_SLOT } from "./context.ts";
import { emitControl } from "./control.ts";

/** io_uring_enter has one number on all architectures. */
const IO_URING_ENTER = 426;
/** Of x86-64; of i386 it is getresuid32, which reaches no hook. */
const IO_SUBMIT = 209;
/** Argument of openat that has the flags. */
const FLAGS = 2;

/**
 * read and readv of x86-64 and of i386. What has these numbers on the other ABI (close, lseek, restart_syscall,
 * sched_getscheduler) opens nothing.
 */
const READS = [0, 19, 3, 145];

/** Goes to `ring` if the task in r7 is about to carry out such an operation, else to `other`. Uses r0 … r5. */
export function emitRingTask(
  a: Assembler,
  { task, regs }: KernelFacts,
  ring: string,
  other: string,
  hook?: string,
): void {
  a.load("u32", R1, R7, task.flags).mov(R2, R1).and(R1, PF_IO_WORKER).jump("ne", R1, 0, ring);
  a.and(R2, PF_KTHREAD).jump("ne", R2, 0, other);
  a.mov(R1, R7).call("bpf_task_pt_regs").load("u64", R1, R0, regs.orig_ax).mov32(R1, R1);
  if (hook === "file_open") for (const nr of READS) a.jump("eq", R1, nr, ring);
  a.jump("eq", R1, IO_URING_ENTER, ring).jump("ne", R1, IO_SUBMIT, other).goto(ring);
}

interface RingBlock {
  readonly use: RingUseOf;
  readonly block: Block;
  /** Those that no block before it has, unless they mean one call by its name. */
  readonly rules: readonly PlannedRule[];
}

/** What rules of the blocks say of operations in the hook. */
export function ringBlocks(blocks: readonly Block[], hook: string): readonly RingBlock[] {
  const known = new Set<string>();
  return ringUsesOf(hook).flatMap((use) => {
    const block = blocks.find((b) => isNative(b.abi) && b.call === use.call);
    // a file that is created is opened right after: only a decision must come before that
    if (block === undefined || (hook === "path_mknod" && block.enforcement === undefined))
      return [];
    const key = ({ ruleIndex }: PlannedRule): string =>
      `${ruleIndex} ${use.when?.mask} ${use.when?.value}`;
    const rules = block.before.filter(
      (planned) => !known.has(key(planned)) || distinguishesCalls(planned.rule),
    );
    for (const planned of rules) known.add(key(planned));
    return rules.length === 0 ? [] : [{ use, block, rules }];
  });
}

/** What one name of the operation is denied is not what its other names are. */
function distinguishesCalls({ targets }: PlannedRule["rule"]): boolean {
  return targets.some(({ filter, counted }) => {
    const { variables } = factsOf(filter);
    if (counted?.by.some((one) => "value" in one && isOfSite(one.value)) === true) return true;
    return variables.has("SNAME") || variables.has("SYSCALL");
  });
}

/** Code at `no_call`; r7 is the task, r8 the context. Goes to `deny` with the decision in r6, or to `allow`. */
export function emitRing(
  a: Assembler,
  input: ProgramInput,
  blocks: readonly RingBlock[],
  hook: string,
): void {
  a.label("no_call");
  emitRingTask(a, input.facts, "ring", "allow", hook);
  a.label("ring");
  emitControl(a, input, "allow");
  a.loadMap(R1, MapName.areas)
    .mov(R2, R7)
    .mov(R3, 0)
    .mov(R4, input.createsAreas ? 1 : 0);
  a.call("bpf_task_storage_get");
  // no memory for the thread: what may be denied is
  if (blocks.every(({ block }) => block.enforcement === undefined)) a.jump("eq", R0, 0, "allow");
  else a.mov(R6, EPERM).jump("eq", R0, 0, "deny");
  a.mov(R9, R0).add(R9, areaStart(input));
  a.store("u32", R9, AreaOffset.pending, 0).store("u32", R9, AreaOffset.verdict, HookVerdict.none);
  a.store("u64", R10, VERDICT_SLOT, 0).store("u32", R9, RecordOffset.flags, 0);
  a.call("bpf_ktime_get_boot_ns").store("u64", R9, AreaOffset.entryTime, R0);
  for (const one of blocks) emitRingBlock(a, input, one, hook);
  a.label("ring_done").load("u64", R6, R10, VERDICT_SLOT);
  if (input.keepsLookups) a.store("u64", R9, AreaOffset.lookupDentry, 0);
  a.goto("deny");
}

function emitRingBlock(
  a: Assembler,
  input: ProgramInput,
  { use, block, rules }: RingBlock,
  hook: string,
): void {
  const done = a.newLabel("next_ring_block");
  if (use.when !== undefined) {
    const { at, mask, value } = use.when;
    a.load("u64", R1, R8, at * 8).and(R1, mask);
    if (value === undefined) a.jump("eq", R1, 0, done);
    else a.jump("ne", R1, value, done);
  }
  for (let i = 0; i < 6; i++) {
    const value = use.argument?.[0] === i ? use.argument[1] : 0;
    a.store("u64", R9, RecordOffset.args + i * 8, value);
  }
  if (hook === "file_open") {
    a.load("u64", R3, R8, 0).add(R3, input.facts.path.fileFlags);
    a.mov(R1, R9)
      .add(R1, RecordOffset.args + FLAGS * 8)
      .mov(R2, 4)
      .call("bpf_probe_read_kernel");
  }
  const c = makeContext(input, {
    a,
    block,
    stage: "hook",
    hasArea: true,
    hasVerdict: true,
    hook,
    isRing: true,
  });
  const turn = usesFiles(block) ? turnOfFile(hook) : undefined;
  if (turn !== undefined) emitTurnOfFile(c, turn, done);
  fillFields(c, ALL_GROUPS);
  a.comment("workers have names of their own: the process is what rules mean");
  a.load("u64", R2, R7, input.facts.task.groupLeader);
  for (let i = 0; i < 16; i += 8)
    a.load("u64", R1, R2, input.facts.task.comm + i).store("u64", R9, RecordOffset.comm + i, R1);
  readObjects(c);
  forgetAncestors(c);
  emitRules(c, rules, `ring.${block.id}`, done, undefined);
  a.label(done);
}
