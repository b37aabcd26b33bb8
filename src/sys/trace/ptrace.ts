/**
 * ptrace(2), as far as supervision needs it. Requests must come from the thread that attached: Node's main thread.
 * All return the result or -errno; -ESRCH means that the task is gone or not stopped, which can happen at any time.
 */
import { syscall } from "../kernel.ts";
import { X64 } from "./number.ts";

export const PTRACE = {
  CONT: 7,
  SINGLESTEP: 9,
  GETREGS: 12,
  SETREGS: 13,
  POKEUSER: 6,
  DETACH: 17,
  SYSCALL: 24,
  GETEVENTMSG: 0x4201,
  GETSIGINFO: 0x4202,
  SETOPTIONS: 0x4200,
  SEIZE: 0x4206,
  INTERRUPT: 0x4207,
  LISTEN: 0x4208,
  GET_SYSCALL_INFO: 0x420e,
} as const;

export const PTRACE_O = {
  TRACESYSGOOD: 1,
  TRACEFORK: 2,
  TRACEVFORK: 4,
  TRACECLONE: 8,
  TRACEEXEC: 0x10,
  TRACEEXIT: 0x40,
  TRACESECCOMP: 0x80,
  EXITKILL: 0x100000,
} as const;

/** Bits 16 and up of a wait status. */
export const PTRACE_EVENT = {
  FORK: 1,
  VFORK: 2,
  CLONE: 3,
  EXEC: 4,
  EXIT: 6,
  SECCOMP: 7,
  STOP: 128,
} as const;

/** Offsets in struct user_regs_struct of x86-64, which POKEUSER takes too. */
export const Reg = {
  r10: 56,
  r9: 64,
  r8: 72,
  rax: 80,
  rdx: 96,
  rsi: 104,
  rdi: 112,
  orig_rax: 120,
  rip: 128,
  cs: 136,
  rsp: 152,
  rbx: 40,
  rcx: 88,
  rbp: 32,
} as const;
export const REGS_SIZE = 27 * 8;

/** struct ptrace_syscall_info, since Linux 5.3. */
export const SyscallInfo = {
  op: 0,
  arch: 4,
  ip: 8,
  sp: 16,
  nr: 24,
  args: 32,
  rval: 24,
  isError: 32,
  size: 88,
} as const;
export const SYSCALL_INFO_ENTRY = 1;
export const SYSCALL_INFO_EXIT = 2;
export const SYSCALL_INFO_SECCOMP = 3;

export function ptrace(request: number, tid: number, address = 0, data = 0): number {
  return syscall(X64.ptrace, request, tid, address, data);
}
