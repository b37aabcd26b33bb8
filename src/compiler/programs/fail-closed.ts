/**
 * What happens to a call when the kernel has no memory for its thread just then (task storage is asked for without
 * waiting): rules cannot be evaluated. Where numbers and ids alone do not rule out that one of them denies, the call
 * fails with EPERM; else it passes. Both are counted as missed.
 *
 * Where the entry of a call cannot return an error itself, security hooks must learn of it without that memory: the
 * hash map `sct_closed`, made beforehand, has the call. Keys are u64 thread ids:
 *
 *   0    4       8            16      20  24
 *   | nr | errno | task start | block | 0 |
 *
 * `block` is Block.id + 1 if rules have not been evaluated and nobody counted that: the hook does. `sct_closed_any` is one
 * u64, not 0 if there ever was an entry, so that hooks need not search.
 *
 * Before Linux 6.2 a hook finds no memory of its thread either while a search for another thread's is interrupted on that
 * processor (bpf_task_storage_busy). On preemptive kernels entries therefore write each decision into the map. A hook without
 * area may then meet the decision on an earlier call of the thread with the same number: it denies, which is the safe way to be
 * wrong once in a million calls. With an area it asks the map only if no entry has used the area for this call.
 */
import { EPERM, ERESTARTNOINTR } from "../../base/linux-abi.ts";
import { type Assembler, R0, R1, R2, R3, R4, R6, R7, R9, R10 } from "../../bpf/asm/index.ts";
import type { Context } from "../emit/context.ts";
import { countEachMissed, countRare } from "../emit/counters.ts";
import { emitDispatch } from "../emit/dispatch.ts";
import { emitMayMatch } from "../emit/prefilter.ts";
import { STACK_RECORD } from "../emit/stack.ts";
import type { KernelFacts } from "../facts.ts";
import { AreaOffset, HookVerdict } from "../layout/area.ts";
import { CLOSED_KEY_SIZE, ClosedOffset, closesInHooks } from "../layout/closed.ts";
import { MapName } from "../layout/map-names.ts";
import { acts } from "../plan/acts.ts";
import type { Block } from "../plan/block.ts";
import { copyArguments } from "./arguments.ts";

/** Code for a call that begins and has no area; r7 is the task, r8 its registers. Goes to `done`. */
export function emitWithoutArea(c: Context, done: string): void {
  const { a, block } = c;
  c.stack.with(1, (slot) => {
    countMissed(a, block, slot, c.groupsFrom);
  });
  if (block.enforcement === undefined) {
    a.goto(done);
    return;
  }
  a.mov(R9, R10).add(R9, STACK_RECORD);
  copyArguments(c);
  const open = a.newLabel("cannot_match");
  const bare: Context = { ...c, hasArea: false, filled: new Set() };
  emitMayMatch(
    bare,
    block.before.filter(({ rule }) => acts(rule)),
    open,
  );
  if (c.verdict !== undefined) {
    a.store("u64", R10, c.verdict, EPERM).goto(done);
    a.label(open).goto(done);
    return;
  }
  emitClose(c, () => a.mov(R1, EPERM), 0);
  a.goto(done).label(open);
  // what an earlier call left behind is not for this one
  c.stack.with(1, (key) => {
    emitKey(a, c.facts, key);
    a.loadMap(R1, MapName.closed).mov(R2, R10).add(R2, key).call("bpf_map_delete_elem");
  });
  a.goto(done);
}

/** For the end of an entry whose hooks may find no area: what the area says, undecided being EPERM. */
export function keepDecision(c: Context): void {
  const { a, block } = c;
  const none = a.newLabel("nothing_kept");
  const undecided = a.newLabel("keep_undecided");
  a.load("u32", R1, R9, AreaOffset.verdict).jump("eq", R1, HookVerdict.none, none);
  a.jump("set", R1, HookVerdict.undecided, undecided);
  emitClose(c, () => emitKept(c), 0);
  a.goto(none).label(undecided);
  if (block.before.some(({ rule }) => acts(rule)))
    emitClose(c, () => a.mov(R1, EPERM), block.id + 1);
  a.label(none);
}

/** A later call must not be made to restart: nobody stops it. */
function emitKept({ a }: Context): void {
  const kept = a.newLabel("kept");
  a.load("u32", R1, R9, AreaOffset.verdict).jump("ne", R1, ERESTARTNOINTR, kept);
  a.mov(R1, EPERM).label(kept);
}

/** `loadErrno` leaves it in r1. Clobbers r0 … r5. */
function emitClose(c: Context, loadErrno: () => void, blockNumber: number): void {
  const { a, block } = c;
  c.stack.with(4, (key) => {
    const value = key + CLOSED_KEY_SIZE;
    emitKey(a, c.facts, key);
    a.store("u32", R10, value + ClosedOffset.nr, block.nr);
    loadErrno();
    a.store("u32", R10, value + ClosedOffset.errno, R1);
    a.load("u64", R1, R7, c.facts.task.startBoottime);
    a.store("u64", R10, value + ClosedOffset.start, R1);
    a.store("u64", R10, value + ClosedOffset.block, blockNumber);
    a.loadMap(R1, MapName.closed).mov(R2, R10).add(R2, key).mov(R3, R10).add(R3, value);
    a.mov(R4, 0).call("bpf_map_update_elem");
    a.loadMapValue(R1, MapName.closedAny).store("u64", R1, 0, 1);
  });
}

/** In a hook, for a thread in r7 without area: goes to `deny` with the errno in r6 if its call is to fail. */
export function emitClosedCheck(
  a: Assembler,
  facts: KernelFacts,
  blocks: readonly Block[],
  {
    deny,
    otherwise,
    groupsFrom,
  }: { readonly deny: string; readonly otherwise: string; readonly groupsFrom: number },
): void {
  const key = -CLOSED_KEY_SIZE;
  a.loadMapValue(R1, MapName.closedAny).load("u64", R1, R1, 0).jump("eq", R1, 0, otherwise);
  emitKey(a, facts, key);
  a.loadMap(R1, MapName.closed).mov(R2, R10).add(R2, key).call("bpf_map_lookup_elem");
  a.jump("eq", R0, 0, otherwise).mov(R6, R0);
  a.load("u64", R1, R7, facts.task.startBoottime).load("u64", R2, R6, ClosedOffset.start);
  a.jump("ne", R1, R2, otherwise);
  a.mov(R1, R7).call("bpf_task_pt_regs").load("u64", R1, R0, facts.regs.orig_ax).mov32(R1, R1);
  a.load("u32", R2, R6, ClosedOffset.nr).jump("ne", R1, R2, otherwise);
  a.load("u32", R1, R6, ClosedOffset.block).load("u32", R6, R6, ClosedOffset.errno);
  const counted = blocks.filter(closesInHooks);
  emitDispatch(
    a,
    R1,
    counted.map(({ id }) => ({ value: id + 1, label: `missed.${id}` })),
    deny,
  );
  for (const block of counted) {
    a.label(`missed.${block.id}`);
    countMissed(a, block, key, groupsFrom);
    a.goto(deny);
  }
}

/** Counts each rule of the block; so many with numbers in a row are counted in a loop, which uses the slot. */
function countMissed(
  a: Assembler,
  { before, after }: Block,
  slot: number,
  groupsFrom: number,
): void {
  const indexes = [...new Set([...before, ...after].map(({ ruleIndex }) => ruleIndex))];
  const runs: { first: number; count: number }[] = [];
  for (const index of indexes.sort((x, y) => x - y)) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.count === index) last.count++;
    else runs.push({ first: index, count: 1 });
  }
  for (const { first, count } of runs)
    if (count >= groupsFrom) countEachMissed(a, first, count, slot);
    else for (let i = 0; i < count; i++) countRare({ a }, first + i, "missed");
}

function emitKey(a: Assembler, facts: KernelFacts, key: number): void {
  a.load("u32", R1, R7, facts.task.pid).store("u64", R10, key, R1);
}
