/**
 * Machine code that starts the command. fork(2) from JavaScript crashes (V8 marks its heap MADV_DONTFORK), and
 * child_process would steal the stops of a traced child. So a clone(CLONE_VM) child, which shares our memory,
 * runs a list of system calls that JavaScript wrote beforehand (script.ts) and ends in execve.
 *
 * Position independent, no stack use, no libc: the child shares our thread-local storage and must touch nothing.
 */

import {
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from "../../../base/linux-abi.ts";
import { check, kernel, X64 as NR, native, syscall } from "../../../sys/index.ts";
import { GUARD_LOOP, GUARD_START } from "./guard-code.ts";
import { bytesOf, type MachineCode } from "./machine-code.ts";

const STACK_SIZE = 64 * 1024;

/** `long run(script = rdi, stackTop = rsi, cloneFlags = rdx)` for x86-64. */
export const LAUNCHER: MachineCode = [
  ["49 89 f9", "mov r9, rdi            ; the script, kept where clone leaves it alone"],
  ["48 89 d7", "mov rdi, rdx           ; clone(flags, stack, parent_tid, child_tid, tls)"],
  ["31 d2", "xor edx, edx"],
  ["45 31 d2", "xor r10d, r10d"],
  ["45 31 c0", "xor r8d, r8d"],
  ["b8 38 00 00 00", "mov eax, 56            ; clone"],
  ["0f 05", "syscall"],
  ["48 85 c0", "test rax, rax"],
  ["74 01", "jz child"],
  ["c3", "ret                    ; parent: pid or -errno"],
  ["4c 89 cb", "child: mov rbx, r9     ; record {nr, a0..a5, result}"],
  ["48 8b 03", "next: mov rax, [rbx]"],
  ["48 8b 7b 08", "mov rdi, [rbx + 8]"],
  ["48 8b 73 10", "mov rsi, [rbx + 16]"],
  ["48 8b 53 18", "mov rdx, [rbx + 24]"],
  ["4c 8b 53 20", "mov r10, [rbx + 32]"],
  ["4c 8b 43 28", "mov r8, [rbx + 40]"],
  ["4c 8b 4b 30", "mov r9, [rbx + 48]"],
  ["0f 05", "syscall"],
  ["48 89 43 38", "mov [rbx + 56], rax    ; JavaScript reads the result here"],
  ["48 83 c3 40", "add rbx, 64"],
  ["48 85 c0", "test rax, rax"],
  ["79 d6", "jns next"],
  ["bf 7f 00 00 00", "mov edi, 127           ; a call failed: exit_group(127)"],
  ["b8 e7 00 00 00", "mov eax, 231"],
  ["0f 05", "syscall"],
];

export interface Thunk {
  /** Where the code lies: calls whose instruction pointer is in this range are the launcher's own. */
  readonly start: number;
  readonly end: number;
  /** Stack of that child. */
  readonly stackTop: number;
  /** Starts a child on the script; its pid, or -errno. */
  run(script: number, cloneFlags: number): number;
  /** Starts a guard; its pid, or -errno. */
  runGuard(block: number, cloneFlags: number): number;
}

/** Maps the code and a stack for the child, which stay mapped: the child may still run when we continue. */
export function mapThunk(): Thunk {
  const start = mapPages(PAGE_SIZE);
  const code = bytesOf([...LAUNCHER, ...GUARD_START, ...GUARD_LOOP]);
  new Uint8Array(kernel().view(start, PAGE_SIZE)).set(code);
  check(syscall(NR.mprotect, start, PAGE_SIZE, PROT_READ | PROT_EXEC), {
    call: "mprotect",
    command: "PROT_EXEC",
    what: "make the launcher executable",
    hint: "A security policy forbids new executable memory in this process",
  });
  const stackTop = mapPages(STACK_SIZE) + STACK_SIZE - 64;
  const guard = start + bytesOf(LAUNCHER).length;
  return {
    start,
    end: start + code.length,
    stackTop,
    run: (script, cloneFlags) => native().callCode(start, script, stackTop, cloneFlags),
    runGuard: (block, cloneFlags) =>
      // it has no use for a stack, but the kernel wants one that is not ours
      native().callCode(guard, block, mapPages(PAGE_SIZE) + PAGE_SIZE - 64, cloneFlags),
  };
}

function mapPages(size: number): number {
  const protection = PROT_READ | PROT_WRITE;
  return check(syscall(NR.mmap, 0, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), {
    call: "mmap",
  });
}
