/**
 * FD[n].type: what kind of file is open. Anonymous inodes and pidfds are known by their file systems: their modes differ from
 * one kernel to the next (anonymous inodes are regular files inside Linux since 6.16, and pidfds since 6.9).
 */
import { type Assembler, R0, R1, R2, R3, R10 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import {
  ANONYMOUS_TYPES,
  FILE_TYPE_MASK,
  MOST_TYPE_NAME,
  TERMINAL_MAJORS,
  TYPE_OF_MODE,
} from "../../variables/index.ts";
import type { Context } from "./context.ts";
import { followPointer, readKernel } from "./kernel-memory.ts";
import type { EntryAddress } from "./place.ts";

/** include/uapi/linux/magic.h */
export const SOCKET_FS = 0x534f434b;
const ANON_INODE_FS = 0x09041934;
const TYPE_OF_FILE_SYSTEM = [
  { magic: 0x50494446, type: "pidfd" },
  { magic: 0x6e736673, type: "namespace" },
] as const;
/** struct path: where the entry is. struct qstr: the length, and where the name is. */
const PATH_DENTRY = 8;
const QSTR = { length: 4, name: 8 } as const;
/** Of a dev_t inside Linux. */
const MINOR_BITS = 20;
/** Files of memfd_create(2) are in no directory, and called so. */
const IN_MEMORY = "memfd:";

export interface TypeInput {
  /** Stack slot of the struct file. */
  readonly file: number;
  /** Four stack slots to work with; the second and the third lie beside each other. */
  readonly words: readonly [number, number, number, number];
  /** Into the entry. */
  readonly write: (text: string) => void;
  readonly place: () => EntryAddress;
  readonly unreadable: string;
}

export function emitDescriptorType(c: Context, input: TypeInput): void {
  const { a, facts } = c;
  const { open, path, pid } = facts;
  const { file, unreadable } = input;
  const [word, , , inode] = input.words;
  const follow = (offset: number): void => followPointer(a, offset, word, unreadable);
  const done = a.newLabel("type_known");
  const aside: { readonly label: string; readonly type: string }[] = [];
  const labelOf = (type: string): string => {
    const label = a.newLabel(`is_${type}`);
    aside.push({ label, type });
    return label;
  };
  a.load("u64", R3, R10, file);
  follow(path.fileInode);
  a.store("u64", R10, inode, R3);
  follow(path.inodeSuperBlock);
  follow(pid.superBlockMagic);
  const anonymous = a.newLabel("anonymous_inode");
  a.jump("eq", R3, ANON_INODE_FS, anonymous);
  for (const { magic, type } of TYPE_OF_FILE_SYSTEM) a.jump("eq", R3, magic, labelOf(type));
  a.load("u64", R3, R10, inode).add(R3, open.inodeMode);
  readKernel(a, word, 2, unreadable);
  a.load("u16", R1, R10, word).and(R1, FILE_TYPE_MASK);
  const special = { file: a.newLabel("regular_file"), chr: a.newLabel("character_device") };
  for (const [mode, type] of TYPE_OF_MODE)
    a.jump("eq", R1, mode, type === "file" || type === "chr" ? special[type] : labelOf(type));
  a.goto(unreadable);

  a.label(special.chr).load("u64", R3, R10, inode).add(R3, open.inodeDevice);
  readKernel(a, word, 4, unreadable);
  a.load("u32", R1, R10, word).rsh(R1, MINOR_BITS);
  const terminal = labelOf("tty");
  for (const [low, high] of TERMINAL_MAJORS)
    if (low === high) a.jump("eq", R1, low, terminal);
    else
      a.mov(R2, R1)
        .sub(R2, low)
        .jump("le", R2, high - low, terminal);
  input.write("chr");
  a.goto(done);

  a.label(special.file);
  emitIfInMemory(c, input, labelOf("memfd"));
  input.write("file");
  a.goto(done);

  a.label(anonymous);
  emitAnonymous(c, input, labelOf);
  for (const { label, type } of aside) {
    a.goto(done).label(label);
    input.write(type);
  }
  a.label(done);
}

/** Goes to `memfd` where the file is in no directory and has such a name. */
function emitIfInMemory(
  { a, facts: { path } }: Context,
  { file, words: [word, entry], unreadable }: TypeInput,
  memfd: string,
): void {
  const other = a.newLabel("in_directory");
  const follow = (offset: number): void => followPointer(a, offset, word, unreadable);
  a.load("u64", R3, R10, file);
  follow(path.filePath + PATH_DENTRY);
  a.store("u64", R10, entry, R3);
  follow(path.dentryParent);
  a.load("u64", R1, R10, entry).jump("ne", R1, R3, other);
  follow(path.dentryName + QSTR.name);
  a.store("u64", R10, word, 0);
  readKernel(a, word, IN_MEMORY.length, unreadable);
  a.load("u64", R1, R10, word).loadImm(R2, wordOf(IN_MEMORY)).jump("eq", R1, R2, memfd);
  a.label(other);
}

/** The name that the kernel gives it, without brackets. */
function emitAnonymous(
  c: Context,
  { file, words: [word, qstr], place, unreadable }: TypeInput,
  labelOf: (type: string) => string,
): void {
  const { a, facts } = c;
  const { path } = facts;
  const [length, name] = [qstr + QSTR.length, qstr + QSTR.name];
  const [bare, fits] = [a.newLabel("bare_name"), a.newLabel("name_fits")];
  a.load("u64", R3, R10, file);
  followPointer(a, path.filePath + PATH_DENTRY, word, unreadable);
  a.add(R3, path.dentryName);
  readKernel(a, qstr, 16, unreadable);
  a.load("u64", R3, R10, name);
  readKernel(a, word, 1, unreadable);
  a.load("u32", R2, R10, length).load("u8", R1, R10, word).jump("ne", R1, "[".charCodeAt(0), bare);
  a.jump("le", R2, 2, unreadable).sub(R2, 2).load("u64", R3, R10, name).add(R3, 1);
  a.store("u32", R10, length, R2).store("u64", R10, name, R3);
  a.label(bare).jump("eq", R2, 0, unreadable);
  a.jump("le", R2, MOST_TYPE_NAME, fits).mov(R2, MOST_TYPE_NAME).store("u32", R10, length, R2);
  a.label(fits);
  for (const [own, type] of Object.entries(ANONYMOUS_TYPES)) {
    const other = a.newLabel("other_name");
    const part = Math.min(own.length, 8);
    a.load("u32", R2, R10, length).jump("ne", R2, own.length, other);
    a.store("u64", R10, word, 0).load("u64", R3, R10, name);
    readKernel(a, word, part, unreadable);
    a.load("u64", R1, R10, word).loadImm(R2, wordOf(own.slice(0, part)));
    a.jump("eq", R1, R2, labelOf(type)).label(other);
  }
  copyName(a, place, { length, name, unreadable });
}

function copyName(
  a: Assembler,
  place: () => EntryAddress,
  from: { readonly length: number; readonly name: number; readonly unreadable: string },
): void {
  const at = place();
  a.load("u32", R2, R10, from.length).and(R2, MOST_TYPE_NAME);
  a.mov(R1, R2)
    .lsh(R1, 32)
    .or(R1, TailStatus.ok << 16);
  a.store("u64", at.base, at.offset, R1);
  a.mov(R1, at.base)
    .add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE)
    .load("u64", R3, R10, from.name);
  a.call("bpf_probe_read_kernel").jump("ne", R0, 0, from.unreadable);
}

function wordOf(text: string): bigint {
  return Buffer.alloc(8, 0).fill(text, 0, text.length, "latin1").readBigUInt64LE();
}
