/** What differs between the ABIs of a machine. Other rooms ask for one of these facts, not which machine it is. */
import type { Abi } from "../../language/vocabulary.ts";

export interface Arch {
  readonly abi: Abi;
  /** Numbers, names, functions and prototypes of its calls: what `npm run generate` writes. */
  readonly table: string;
  /** Before the name of the kernel's function that is a call. */
  readonly symbolPrefix: string;
  /** Bytes of a register, a pointer, a `long`. */
  readonly wordSize: 4 | 8;
  /** Registers of arguments 0 to 5: members of struct pt_regs (entry_64.S, entry_64_compat.S). */
  readonly argumentRegisters: readonly ArgumentRegister[];
  /** AUDIT_ARCH_* of include/uapi/linux/audit.h: how seccomp and ptrace(2) name it. */
  readonly auditArch: number;
  /** The call that maps memory by registers alone: address, length, protection, flags, descriptor, offset. */
  readonly mapCall: string;
}

export type ArgumentRegister = "di" | "si" | "dx" | "r10" | "r8" | "r9" | "bx" | "cx" | "bp";
