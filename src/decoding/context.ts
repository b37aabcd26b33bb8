/** What decoding is given of a call, and what it keeps of the entry until the call returns. */
import type { Abi } from "../language/vocabulary.ts";
import { wordSize } from "../linux/index.ts";

/** Memory of the thread that makes the call. */
export interface CallMemory {
  /** Up to `length` bytes; fewer where readable memory ends; undefined: none there can be read. */
  read(address: bigint, length: number): Uint8Array | undefined;
}

export interface DecodeOptions {
  /** Bytes of a string, and elements of a list, that are shown: -s. */
  readonly stringLimit: number;
  /** Long structs show their first members, environments their size; false: -v. */
  readonly abbreviate: boolean;
  /** Strings in hex: where they have bytes that are not ASCII (-x), or always (-xx). */
  readonly hex: "none" | "non-ascii" | "all";
  /** Descriptors with what they lead to: paths (1, -y), protocols and addresses too (2, -yy). */
  readonly descriptors: 0 | 1 | 2;
  /** Names, numbers, or both: -X. */
  readonly constants: "abbrev" | "raw" | "verbose";
}

export interface DecodeContext {
  readonly abi: Abi;
  readonly nr: number;
  /** The six registers as they are. */
  readonly args: readonly bigint[];
  readonly memory: CallMemory;
  /** What stands in `<…>` behind a descriptor; AT_FDCWD is the working directory. */
  descriptor(fd: number): string | undefined;
  /** The same with protocols, addresses and numbers of devices: for -yy. */
  readonly descriptorDetails?: (fd: number) => string | undefined;
  /** Name of a network interface; absent, or undefined: its number is shown. */
  readonly interfaceName?: (index: number) => string | undefined;
  /** Where the stack was when the call was made; absent, or undefined: rt_sigreturn(2) shows no mask. */
  readonly stackPointer?: () => bigint | undefined;
  readonly options: DecodeOptions;
}

/** One call while it is printed. `ret` and what follows from it are those of the exit. */
export class Decoding {
  readonly abi: Abi;
  readonly args: readonly bigint[];
  readonly options: DecodeOptions;
  /** Bytes of a pointer. */
  readonly word: 4 | 8;
  memory: CallMemory;
  context: DecodeContext;
  /** What the call returned, signed; 0 at entry. */
  ret = 0n;
  hasReturned = false;
  hasFailed = false;
  /** No comma is needed before the next piece. */
  isFirst = true;
  /** The next piece to print. */
  next = 0;
  /** What pieces keep of the entry, by the number of their register. */
  kept: (string | undefined)[] | undefined;

  constructor(context: DecodeContext) {
    this.abi = context.abi;
    this.args = context.args;
    this.options = context.options;
    this.word = wordSize(context.abi);
    this.memory = context.memory;
    this.context = context;
  }

  argument(index: number): bigint {
    const value = this.args[index] ?? 0n;
    return this.word === 4 ? BigInt.asUintN(32, value) : value;
  }
}
