/**
 * The file that the guard executes: a program of one page without libraries, and behind it the block that it shares with
 * JavaScript. It gets the file as descriptor 0 and maps the block again, which execve has taken from it.
 */
import { writeSync } from "node:fs";
import { Fd, Memory, NR, syscall } from "../../../sys/index.ts";
import { GUARD_BLOCK_SIZE } from "./guard-block.ts";
import { GUARD_LOOP } from "./guard-code.ts";
import { bytesOf, type MachineCode } from "./machine-code.ts";

/** Where the block is in the file. */
export const BLOCK_OFFSET = 4096;
/** Where the kernel maps the file's beginning: anywhere that is usual. */
const BASE = 0x400000;
const FILE_HEADER_SIZE = 64;
const SEGMENT_HEADER_SIZE = 56;
const CODE_OFFSET = FILE_HEADER_SIZE + SEGMENT_HEADER_SIZE;
const ET_EXEC = 2;
const EM_X86_64 = 62;
const PT_LOAD = 1;
const PF_RX = 5;
const MFD_CLOEXEC = 1;
/** Since 6.3; earlier kernels know no such flag, and vm.memfd_noexec = 2 refuses it. */
const MFD_EXEC = 0x10;

/** Where the program begins; stands before GUARD_LOOP. */
export const GUARD_ENTRY: MachineCode = [
  [
    "31 ff",
    "xor edi, edi                   ; mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, 0, 4096): the block",
  ],
  ["be 00 20 00 00", "mov esi, 8192"],
  ["ba 03 00 00 00", "mov edx, 3"],
  ["41 ba 01 00 00 00", "mov r10d, 1"],
  ["45 31 c0", "xor r8d, r8d"],
  ["41 b9 00 10 00 00", "mov r9d, 4096"],
  ["b8 09 00 00 00", "mov eax, 9"],
  ["0f 05", "syscall"],
  ["41 be 01 00 00 00", "mov r14d, 1                    ; the gate"],
  ["49 89 c4", "mov r12, rax"],
  ["48 85 c0", "test rax, rax"],
  ["79 0c", "jns settle"],
  ["bf 01 00 00 00", "mov edi, 1                     ; exit_group(1): the command dies with us"],
  ["b8 e7 00 00 00", "mov eax, 231"],
  ["0f 05", "syscall"],
];

/** A file of the program, executable if this machine lets it be, with the block behind it; where it lets it be at all. */
export function openGuardImage(): Fd | undefined {
  using name = Memory.fromText("sct");
  const create = (flags: number) => syscall(NR.memfd_create, name.address, flags);
  const executable = create(MFD_CLOEXEC | MFD_EXEC);
  const fd = executable >= 0 ? executable : create(MFD_CLOEXEC);
  if (fd < 0) return undefined;
  const file = new Fd(fd);
  const bytes = new Uint8Array(BLOCK_OFFSET + GUARD_BLOCK_SIZE);
  bytes.set(guardProgram());
  writeSync(file.number, bytes);
  return file;
}

/** ELF with one segment. */
export function guardProgram(): Uint8Array {
  const code = bytesOf([...GUARD_ENTRY, ...GUARD_LOOP]);
  const bytes = new Uint8Array(CODE_OFFSET + code.length);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const view = new DataView(bytes.buffer);
  const word = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_X86_64, true);
  view.setUint32(20, 1, true);
  word(24, BASE + CODE_OFFSET);
  word(32, FILE_HEADER_SIZE);
  view.setUint16(52, FILE_HEADER_SIZE, true);
  view.setUint16(54, SEGMENT_HEADER_SIZE, true);
  view.setUint16(56, 1, true);
  view.setUint32(FILE_HEADER_SIZE, PT_LOAD, true);
  view.setUint32(FILE_HEADER_SIZE + 4, PF_RX, true);
  word(FILE_HEADER_SIZE + 16, BASE);
  word(FILE_HEADER_SIZE + 24, BASE);
  word(FILE_HEADER_SIZE + 32, bytes.length);
  word(FILE_HEADER_SIZE + 40, bytes.length);
  word(FILE_HEADER_SIZE + 48, BLOCK_OFFSET);
  bytes.set(code, CODE_OFFSET);
  return bytes;
}
