/**
 * Numbers of which the verifier is to know nothing. Before Linux 6.7 it looks at the first step of a bpf_loop only: what it
 * knows of a number there it takes for true in every step, and takes out what only a later one comes to.
 */
import { type Assembler, R1, R2, R9, type Register } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import type { Context } from "./context.ts";

/** All bits of the number of bytes of two texts. */
const LARGEST_MASK = 4 * MAX_STRING - 1;

/** r1 = 0. Clobbers r2. */
export function obscureZero({ a }: Context): void {
  a.load("u64", R2, R9, RecordOffset.args).mov(R1, R2).sub(R1, R2);
}

/**
 * A number of bytes up to two texts stays what it is, but the verifier no longer knows the least that it can be: that would grow
 * from step to step of a loop, which it follows until nothing changes.
 */
export function forgetLeast(a: Assembler, count: Register): void {
  a.and(count, LARGEST_MASK);
}
