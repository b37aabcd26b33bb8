/** How long a call took: from the time that its entry has left in the area of the thread. */
import { type Assembler, R0, R1, R9 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { factsOf, lookedAt } from "../../language/index.ts";
import { AreaOffset } from "../layout/area.ts";
import type { Block } from "../plan/block.ts";

/** A rule looks at the duration: it is in the record, with the time of the return, before any rule is evaluated. */
export function measures({ after }: Pick<Block, "after">): boolean {
  return after.some(({ candidates }) =>
    candidates.some(({ target }) => factsOf(lookedAt(target)).variables.has("DURATION")),
  );
}

/** Fills time and duration of the record when a call returns. Clobbers r0 … r5. */
export function emitDuration(a: Assembler): void {
  a.call("bpf_ktime_get_boot_ns").store("u64", R9, RecordOffset.time, R0);
  a.load("u64", R1, R9, AreaOffset.entryTime).sub(R0, R1);
  a.store("u64", R9, RecordOffset.duration, R0);
}
