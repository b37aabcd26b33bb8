/** Reading the kernel's own objects, wherever they are and whether or not they are still there. */
import { type Assembler, R0, R1, R2, R3, R10 } from "../../bpf/asm/index.ts";

/** `size` bytes at `*r3` to the stack; goes to `unreadable` if there are none. Uses r0 … r5; r3 is gone. */
export function readKernel(a: Assembler, to: number, size: number, unreadable: string): void {
  a.mov(R1, R10).add(R1, to).mov(R2, size);
  a.call("bpf_probe_read_kernel").jump("ne", R0, 0, unreadable);
}

/** r3 = the pointer at `*(r3 + offset)`, by way of a slot of the stack. Uses r0 … r5. */
export function followPointer(
  a: Assembler,
  offset: number,
  slot: number,
  unreadable: string,
): void {
  a.add(R3, offset);
  readKernel(a, slot, 8, unreadable);
  a.load("u64", R3, R10, slot);
}
