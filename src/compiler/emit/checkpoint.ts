/** A place that the verifier follows once, however many ways lead to it. */
import { R1, R9 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import type { Context } from "./context.ts";

/** Instructions and jumps that the verifier must have followed since it last kept a state. */
const INSTRUCTIONS = 8;

/**
 * Where many ways meet, the verifier compares states with those that it has kept at jumps, and it keeps one only 8 instructions
 * and 2 jumps behind the last (is_state_visited() of kernel/bpf/verifier.c). Without this, it follows the loads from the
 * task's structs once more for each rule that gets there, and looks for a type among all of the kernel's at each of them,
 * by its name: 5 ms of loading for each rule and call. Clobbers r1; some nanoseconds.
 */
export function emitCheckpoint({ a }: Pick<Context, "a">): void {
  const kept = a.newLabel("checkpoint");
  const reload = (): void => void a.load("u32", R1, R9, RecordOffset.site);
  // never taken: r9 is no null pointer
  reload();
  a.jump("eq", R9, 0, kept);
  for (let i = 1; i < INSTRUCTIONS; i++) reload();
  a.jump("eq", R9, 0, kept);
  reload();
  a.label(kept);
}
