/** Registers of a stopped thread. Results are -errno when the thread is gone. */

import { SIGINFO_SIZE } from "../../base/linux-abi.ts";
import type { Abi } from "../../language/index.ts";
import { type ArgumentRegister, archOf, byAbi } from "../../linux/index.ts";
import {
  Memory,
  PTRACE,
  ptrace,
  REGS_SIZE,
  Reg,
  SYSCALL_INFO_ENTRY,
  SyscallInfo,
} from "../../sys/index.ts";
import { abiOf } from "../supervised/supervision.ts";
import type { CallPlace } from "./pending.ts";
import { CS_64BIT, type SavedResult, savedResult } from "./signal-frame.ts";

/** In struct user_regs_struct. */
const OFFSETS: Readonly<Record<ArgumentRegister, number>> = {
  ...{ di: Reg.rdi, si: Reg.rsi, dx: Reg.rdx, r10: Reg.r10, r8: Reg.r8, r9: Reg.r9 },
  ...{ bx: Reg.rbx, cx: Reg.rcx, bp: Reg.rbp },
};
/** Registers of arguments 0 to 5. */
export const ARGUMENT_REGISTERS: Readonly<Record<Abi, readonly number[]>> = byAbi((abi) =>
  archOf(abi).argumentRegisters.map((register) => OFFSETS[register]),
);

const SI_CODE = 8;
/** Length of `syscall` and `int $0x80` alike. */
const CALL_INSTRUCTION_SIZE = 2;

/** Memory for one thread's state, used for one stop after another. */
export class RegisterAccess {
  readonly #info = Memory.allocate(SyscallInfo.size);
  readonly #regs = Memory.allocate(REGS_SIZE);
  readonly #message = Memory.allocate(8);
  readonly #siginfo = Memory.allocate(SIGINFO_SIZE);
  /** Arguments of the call that `readEntry` found. */
  readonly args: BigUint64Array;

  constructor() {
    const { buffer, byteOffset } = this.#info.bytes;
    this.args = new BigUint64Array(buffer, byteOffset + SyscallInfo.args, 6);
  }

  /** Whether the thread stands before a call, rather than at its return. */
  isEntry(tid: number): boolean {
    if (ptrace(PTRACE.GET_SYSCALL_INFO, tid, SyscallInfo.size, this.#info.address) < 0)
      return false;
    return this.#info.view.getUint8(SyscallInfo.op) === SYSCALL_INFO_ENTRY;
  }

  /** At a stop before a call. */
  readEntry(tid: number): { readonly nr: number; readonly abi: Abi } | undefined {
    if (ptrace(PTRACE.GET_SYSCALL_INFO, tid, SyscallInfo.size, this.#info.address) < 0)
      return undefined;
    const { view } = this.#info;
    return {
      nr: view.getUint32(SyscallInfo.nr, true),
      abi: abiOf(view.getUint32(SyscallInfo.arch, true)),
    };
  }

  /**
   * Why the thread has stopped: SYSCALL_INFO_*; undefined where it is gone. Then `nr`, `abi`, `args` and `place` are those of
   * an entry, or `result` that of a return.
   */
  readStop(tid: number): number | undefined {
    if (ptrace(PTRACE.GET_SYSCALL_INFO, tid, SyscallInfo.size, this.#info.address) < 0)
      return undefined;
    return this.#info.view.getUint8(SyscallInfo.op);
  }

  get nr(): number {
    return this.#info.view.getInt32(SyscallInfo.nr, true);
  }

  get abi(): Abi {
    return abiOf(this.#info.view.getUint32(SyscallInfo.arch, true));
  }

  get result(): bigint {
    return this.#info.view.getBigInt64(SyscallInfo.rval, true);
  }

  /** Where the call was made from that was read last. */
  get place(): CallPlace {
    const { view } = this.#info;
    return {
      ip: view.getBigUint64(SyscallInfo.ip, true),
      sp: view.getBigUint64(SyscallInfo.sp, true),
    };
  }

  /** At the stop where a call returns. */
  readReturn(tid: number): bigint | undefined {
    if (ptrace(PTRACE.GET_SYSCALL_INFO, tid, SyscallInfo.size, this.#info.address) < 0)
      return undefined;
    return this.#info.view.getBigInt64(SyscallInfo.rval, true);
  }

  poke(tid: number, register: number, value: bigint): boolean {
    // a Number carries 53 bits: negative ones and addresses pass, other large values go through all registers
    const signed = BigInt.asIntN(64, value);
    if (signed >= MIN_SAFE && signed <= MAX_SAFE)
      return ptrace(PTRACE.POKEUSER, tid, register, Number(signed)) >= 0;
    if (!this.#load(tid)) return false;
    this.#regs.view.setBigInt64(register, signed, true);
    return this.#store(tid);
  }

  /** The call is not made; the program gets `result`. */
  skipCall(tid: number, result: bigint): boolean {
    return this.poke(tid, Reg.orig_rax, -1n) && this.poke(tid, Reg.rax, result);
  }

  /** Puts another call in place of the one that is about to be made; keeps the program's registers in `saved`. */
  replaceCall(tid: number, abi: Abi, nr: number, args: readonly bigint[]): Uint8Array | undefined {
    if (!this.#load(tid)) return undefined;
    const saved = this.#regs.bytes.slice();
    const { view } = this.#regs;
    view.setBigInt64(Reg.orig_rax, BigInt(nr), true);
    for (const [i, arg] of args.entries())
      view.setBigInt64(ARGUMENT_REGISTERS[abi][i] ?? 0, BigInt.asIntN(64, arg), true);
    return this.#store(tid) ? saved : undefined;
  }

  /** All registers as saved, but the program makes its call (again) when it continues. */
  rewind(tid: number, saved?: Uint8Array): boolean {
    if (saved === undefined) {
      if (!this.#load(tid)) return false;
    } else this.#regs.bytes.set(saved);
    const { view } = this.#regs;
    const nr = view.getBigInt64(Reg.orig_rax, true);
    const rip = view.getBigInt64(Reg.rip, true);
    view.setBigInt64(Reg.rip, rip - BigInt(CALL_INSTRUCTION_SIZE), true);
    view.setBigInt64(Reg.rax, nr, true);
    view.setBigInt64(Reg.orig_rax, -1n, true);
    return this.#store(tid);
  }

  /** At a return: all registers as saved, and this result. */
  restoreReturn(tid: number, saved: Uint8Array, result: bigint): boolean {
    this.#regs.bytes.set(saved);
    this.#regs.view.setBigInt64(Reg.rax, result, true);
    this.#regs.view.setBigInt64(Reg.orig_rax, -1n, true);
    return this.#store(tid);
  }

  /** Whether the thread runs 64-bit code, whichever way it makes a call. */
  is64Bit(tid: number): boolean {
    return this.#load(tid) && this.#regs.view.getUint32(Reg.cs, true) === CS_64BIT;
  }

  /** Number that came with the event. */
  eventMessage(tid: number): number {
    if (ptrace(PTRACE.GETEVENTMSG, tid, 0, this.#message.address) < 0) return 0;
    return Number(this.#message.view.getBigUint64(0, true));
  }

  /** Why a thread has stopped for a signal: si_code. */
  signalCode(tid: number): number {
    if (ptrace(PTRACE.GETSIGINFO, tid, 0, this.#siginfo.address) < 0) return 0;
    return this.#siginfo.view.getInt32(SI_CODE, true);
  }

  /** struct siginfo of the signal that the thread has stopped for; the next one overwrites it. */
  signalInfo(tid: number): Uint8Array | undefined {
    return ptrace(PTRACE.GETSIGINFO, tid, 0, this.#siginfo.address) < 0
      ? undefined
      : this.#siginfo.bytes;
  }

  /** At the first instruction of a signal handler. */
  savedResult(tid: number): SavedResult | undefined {
    return this.#load(tid) ? savedResult(this.#regs.view) : undefined;
  }

  #load(tid: number): boolean {
    return ptrace(PTRACE.GETREGS, tid, 0, this.#regs.address) >= 0;
  }

  #store(tid: number): boolean {
    return ptrace(PTRACE.SETREGS, tid, 0, this.#regs.address) >= 0;
  }

  free(): void {
    this.#info.free();
    this.#regs.free();
    this.#message.free();
    this.#siginfo.free();
  }
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const MIN_SAFE = -MAX_SAFE;
