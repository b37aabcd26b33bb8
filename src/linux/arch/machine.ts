/** The ABIs of this machine. Nothing outside this folder compares their names. */
import type { Abi } from "../../language/vocabulary.ts";
import type { Arch } from "./arch.ts";
import { i386 } from "./i386.ts";
import { x86_64 } from "./x86_64.ts";

const arches: Readonly<Record<Abi, Arch>> = { x86_64, i386 };

/** The native one first. */
export const abis: readonly [Abi, ...Abi[]] = ["x86_64", "i386"];
/** The ABI of most programs, and of what the kernel does for itself. */
export const nativeAbi: Abi = "x86_64";

/**
 * Which ABI a call has: a bit of thread_info.status, which the kernel sets while a task is in a call of the other one (TS_COMPAT of
 * arch/x86/include/asm/thread_info.h). Never the code segment: a 64-bit process can make a 32-bit call.
 */
export const compatTest = { mask: 2, set: "i386", clear: "x86_64" } as const;

export function archOf(abi: Abi): Arch {
  return arches[abi];
}

/** Bytes of a register, a pointer, a `long`. */
export function wordSize(abi: Abi): 4 | 8 {
  return arches[abi].wordSize;
}

export function isNative(abi: Abi): boolean {
  return abi === nativeAbi;
}

/** One value for each. */
export function byAbi<T>(make: (abi: Abi) => T): Readonly<Record<Abi, T>> {
  return { x86_64: make("x86_64"), i386: make("i386") };
}
