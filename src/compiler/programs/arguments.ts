/** The arguments of a call, from the registers of the program that makes it. */
import { R1, R8, R9 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { archOf } from "../../linux/index.ts";
import type { Context } from "../emit/context.ts";

/** r8 = pt_regs; into the record at r9. Uses r1. */
export function copyArguments({ a, block, facts }: Context): void {
  const { argumentRegisters, wordSize } = archOf(block.abi);
  argumentRegisters.forEach((register, i) => {
    a.load("u64", R1, R8, facts.regs[register]);
    // the upper halves are not part of a 32-bit call
    if (wordSize === 4) a.mov32(R1, R1);
    a.store("u64", R9, RecordOffset.args + i * 8, R1);
  });
}
