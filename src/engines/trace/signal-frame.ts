/**
 * What a signal handler goes back to, from the frame that the kernel has put on the stack. At the first instruction of
 * the handler the registers lead there.
 */
import { Reg } from "../../sys/index.ts";

/** The register of results in the frame: where it is and how large. */
export interface SavedResult {
  readonly address: number;
  readonly size: 4 | 8;
}

/** Selector of 64-bit code of user space. */
export const CS_64BIT = 0x33;
/** In struct ucontext and its sigcontext, of x86-64 and of i386. */
const RAX_IN_UCONTEXT = 40 + 13 * 8;
const EAX_IN_UCONTEXT = 20 + 11 * 4;
/** In the old frame of i386, of handlers without SA_SIGINFO: return address, signal, sigcontext. */
const EAX_IN_OLD_FRAME = 8 + 11 * 4;

/** `registers`: struct user_regs_struct. */
export function savedResult(registers: DataView): SavedResult {
  const word = (offset: number): number => Number(registers.getBigUint64(offset, true));
  // the handler's third argument
  if (word(Reg.cs) === CS_64BIT) return { address: word(Reg.rdx) + RAX_IN_UCONTEXT, size: 8 };
  const ucontext = registers.getUint32(Reg.rcx, true);
  if (ucontext !== 0) return { address: ucontext + EAX_IN_UCONTEXT, size: 4 };
  return { address: registers.getUint32(Reg.rsp, true) + EAX_IN_OLD_FRAME, size: 4 };
}
