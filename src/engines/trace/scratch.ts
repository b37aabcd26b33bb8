/**
 * Memory in the traced process for what REWRITE puts in place of the program's own: a mapping of its own, made by
 * a call that we let the thread make first. Not on the stack: goroutines and signal stacks are too small.
 */
import {
  MAP_32BIT,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
} from "../../base/linux-abi.ts";
import type { Abi } from "../../language/index.ts";
import { archOf, byAbi, findCall, wordSize } from "../../linux/index.ts";
import type { ProcessMemory } from "../../sys/index.ts";

export const SCRATCH_MAPPING_SIZE = 32 * 1024;

const MMAP = byAbi((abi) => findCall(archOf(abi).mapCall, abi)?.nr ?? -1);

/** What the thread is made to call. */
export const SCRATCH_CALLS: Readonly<Record<Abi, ReadonlySet<number>>> = byAbi(
  (abi) => new Set([MMAP[abi]]),
);

/** The mmap (mmap2) that makes the mapping. */
export function scratchCall(abi: Abi, is64Bit: boolean): { nr: number; args: readonly bigint[] } {
  const protection = PROT_READ | PROT_WRITE;
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | (wordSize(abi) === 4 && is64Bit ? MAP_32BIT : 0);
  return { nr: MMAP[abi], args: [0, SCRATCH_MAPPING_SIZE, protection, flags, -1, 0].map(BigInt) };
}

/** What is free in one memory. */
export type ScratchSpace = Scratch[];

export class Scratch {
  readonly abi: Abi;
  /** Where it goes when nobody uses it. */
  readonly space: ScratchSpace;
  readonly #address: number;
  #used = 0;

  constructor(abi: Abi, space: ScratchSpace, address: number) {
    this.abi = abi;
    this.space = space;
    this.#address = address;
  }

  /** Forgets what the call before has put there. */
  reset(): void {
    this.#used = 0;
  }

  /** Address of a copy of the bytes, aligned; undefined if they do not fit or the thread is gone. */
  place(memory: ProcessMemory, tid: number, bytes: Uint8Array): bigint | undefined {
    if (this.#used + bytes.length > SCRATCH_MAPPING_SIZE) return undefined;
    const address = this.#address + this.#used;
    if (!memory.write(tid, address, bytes)) return undefined;
    this.#used += Math.ceil(bytes.length / 64) * 64;
    return BigInt(address);
  }
}
