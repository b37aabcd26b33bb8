/**
 * At sched_process_exec: arguments and variables whose texts were not in memory when the call began. The kernel has copied them to
 * the stack of the new program, as it starts every program: argc, the pointers of argv, NULL, the pointers of envp, NULL.
 * A program that an interpreter runs gets other arguments there; its own stay unreadable then.
 */
import { R0, R1, R2, R3, R7, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordFlag, RecordOffset, TailStatus } from "../../events/layout.ts";
import type { Context } from "../emit/context.ts";
import { emitListAt } from "../emit/lists.ts";
import { entryPlace } from "../emit/place.ts";
import { markNext, storeEnd } from "../emit/strings.ts";
import type { ListSource } from "../plan/block.ts";

/** Lists among the texts of the block; `emitIfScript` goes to its label where an interpreter runs the program. */
export function recoverLists(c: Context, emitIfScript: (label: string) => void): void {
  const last = c.block.strings.findLastIndex(({ source }) => source.kind === "list");
  c.block.strings.slice(0, last + 1).forEach(({ source }, k) => {
    if (source.kind === "list") recoverList(c, source, k, emitIfScript);
    storeEnd(c, k);
  });
}

function recoverList(
  c: Context,
  source: ListSource,
  k: number,
  emitIfScript: (label: string) => void,
): void {
  const { a, block, facts } = c;
  const keep = a.newLabel("list_kept");
  const moved = a.newLabel("list_moved");
  const narrow = a.newLabel("narrow_stack");
  const known = a.newLabel("stack_known");
  const at = entryPlace(c, k);
  a.load("u16", R1, at.base, at.offset + 2).jump("ne", R1, TailStatus.unreadable, keep);
  const isEnvironment = source.part.is === "value";
  if (!isEnvironment) emitIfScript(keep);
  // where the list begins, and the size of its words
  c.stack.with(2, (slot) => {
    a.mov(R1, R7).call("bpf_task_pt_regs").load("u64", R3, R0, facts.regs.sp);
    a.store("u64", R10, slot, R3).store("u64", R10, slot + 8, 0);
    a.mov(R1, R10)
      .add(R1, slot + 8)
      .mov(R2, 8);
    a.call("bpf_probe_read_user").jump("ne", R0, 0, keep);
    // the upper half of argc is 0; where words have 32 bits it is a pointer of argv
    a.load("u64", R1, R10, slot + 8)
      .load("u64", R3, R10, slot)
      .mov(R2, R1)
      .rsh(R2, 32);
    a.jump("ne", R2, 0, narrow).mov(R2, 8).goto(known);
    a.label(narrow).mov32(R1, R1).mov(R2, 4).label(known);
    a.store("u64", R10, slot + 8, R2).add(R3, R2);
    if (isEnvironment) a.add(R1, 1).mul(R1, R2).add(R3, R1);
    a.store("u64", R10, slot, R3);
    emitListAt(c, source.part, { address: slot, word: slot + 8 }, () => entryPlace(c, k), moved);
  });
  a.store("u32", R9, RecordOffset.flags, RecordFlag.late).label(moved);
  // what lies behind is written over, and read again
  if (k + 1 < block.strings.length) markNext(c, entryPlace(c, k));
  a.label(keep);
}
