/**
 * union bpf_attr, the argument of bpf(2): 64-bit pointers and 32-bit numbers at fixed offsets, the rest zero.
 * Kernels accept an attr longer than theirs as long as the unknown part is zero, so one size serves all.
 */
import { Memory, NR, SyscallError, syscall } from "../../sys/index.ts";
import { type BpfCommand, COMMAND } from "../constants.ts";
import { adviceFor } from "./advice.ts";

/** Bytes of the union as of Linux 6.1; later members are not used here. */
const ATTR_SIZE = 152;
/** Bytes of names of kernel objects, NUL included. */
const BPF_OBJ_NAME_LEN = 16;

export class Attr {
  readonly #memory = Memory.allocate(ATTR_SIZE);
  readonly #owned: Memory[] = [];

  u32(offset: number, value: number): this {
    this.#memory.view.setUint32(offset, value, true);
    return this;
  }

  u64(offset: number, value: bigint | number): this {
    this.#memory.view.setBigUint64(offset, BigInt(value), true);
    return this;
  }

  /** Pointer to native memory of the caller, who keeps it alive. */
  pointer(offset: number, memory: Memory): this {
    return this.u64(offset, memory.address);
  }

  /** Pointer to a copy of the bytes, which lives as long as the attr. */
  bytes(offset: number, bytes: Uint8Array): this {
    const memory = Memory.from(bytes);
    this.#owned.push(memory);
    return this.pointer(offset, memory);
  }

  /** Pointer to a NUL-terminated copy of the text. */
  text(offset: number, text: string): this {
    const memory = Memory.fromText(text);
    this.#owned.push(memory);
    return this.pointer(offset, memory);
  }

  /** char[16]; the kernel takes only letters, digits, `_` and `.`, so others become `_`. Since Linux 4.15. */
  objectName(offset: number, name: string): this {
    const fitting = name.replaceAll(/[^A-Za-z0-9_.]/g, "_").slice(0, BPF_OBJ_NAME_LEN - 1);
    new TextEncoder().encodeInto(fitting, this.#memory.bytes.subarray(offset));
    return this;
  }

  getU32(offset: number): number {
    return this.#memory.view.getUint32(offset, true);
  }

  /** bpf(2); returns the result or -errno. */
  try(command: BpfCommand): number {
    return syscall(NR.bpf, COMMAND[command], this.#memory.address, ATTR_SIZE);
  }

  /** bpf(2); throws SyscallError with advice. `what` completes "Cannot …". */
  run(command: BpfCommand, what: string): number {
    const result = this.try(command);
    if (result < 0) throw bpfError(command, -result, what);
    return result;
  }

  free(): void {
    for (const memory of this.#owned) memory.free();
    this.#memory.free();
  }

  [Symbol.dispose](): void {
    this.free();
  }
}

/** The error for a failed bpf(2). */
export function bpfError(command: BpfCommand, errno: number, what: string): SyscallError {
  const hint = adviceFor(command, errno);
  return new SyscallError({
    call: "bpf",
    command,
    errno,
    what,
    ...(hint === undefined ? {} : { hint }),
  });
}
