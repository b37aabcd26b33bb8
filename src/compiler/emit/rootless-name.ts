/**
 * Names of what is in no directory, as links of /proc have them: `pipe:[NUMBER]`, `socket:[NUMBER]`, `anon_inode:[KIND]`,
 * and `memfd:NAME`. The kernel makes the first three from the file system and the inode.
 */
import { type Assembler, R0, R1, R2, R3, R4, R6, R7, R8, R9, R10 } from "../../bpf/asm/index.ts";
import { TailStatus } from "../../events/layout.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import type { KernelFacts } from "../facts.ts";

/** include/uapi/linux/magic.h; what stands before the number of an inode. */
const NUMBERED = [
  { magic: 0x50495045, prefix: "pipe:[" },
  { magic: 0x534f434b, prefix: "socket:[" },
] as const;
/** Always called the same. */
const NAMED = [{ magic: 0x50494446, name: "anon_inode:[pidfd]" }] as const;
/** Files of namespaces: the kernel makes their names of what we do not look at. */
const NAMESPACE_FS = 0x6e736673;
const ANON_INODE_FS = 0x09041934;
const ANON_INODE = "anon_inode:";
/** Inode numbers of these file systems have 32 bits. */
const MOST_DIGITS = 10;

/** What the callback of the walk has. */
interface Walk {
  /** Label at its end. */
  readonly stop: string;
  /** Offsets in its context. */
  readonly at: { readonly buffer: number; readonly position: number; readonly status: number };
}

/**
 * In the callback: r6 its context, r8 the dentry, r2 the length of its name, which is at the address in the stack at -16, and the
 * position in r1 the end of the buffer. Ends the walk.
 */
export function emitRootlessName(a: Assembler, facts: KernelFacts, { stop, at }: Walk): void {
  const { path, pid } = facts;
  const follow = (offset: number): void => {
    a.add(R3, offset).mov(R1, R10).add(R1, -8).mov(R2, 8).call("bpf_probe_read_kernel");
    a.jump("ne", R0, 0, stop).load("u64", R3, R10, -8);
  };
  a.mov(R7, R2).mov(R3, R8);
  follow(path.dentrySuperBlock);
  follow(pid.superBlockMagic);
  const numbered = NUMBERED.map(({ magic, prefix }) => ({
    prefix,
    label: a.newLabel("numbered"),
    magic,
  }));
  for (const { magic, label } of numbered) a.jump("eq", R3, magic, label);
  const fixed = NAMED.map(({ magic, name }) => ({ name, label: a.newLabel("fixed_name"), magic }));
  for (const { magic, label } of fixed) a.jump("eq", R3, magic, label);
  const named = a.newLabel("own_name");
  const unnamed = a.newLabel("unknown_name");
  a.jump("eq", R3, NAMESPACE_FS, unnamed);
  a.jump("eq", R7, 0, stop).mov(R9, MAX_STRING).sub(R9, R7).jump("ne", R3, ANON_INODE_FS, named);
  a.sub(R9, ANON_INODE.length);
  emitPrefix(a, at.buffer, ANON_INODE);
  a.store("u64", R6, at.position, R9).add(R9, ANON_INODE.length);
  const copy = a.newLabel("copy_name");
  a.goto(copy).label(named).store("u64", R6, at.position, R9).label(copy);
  emitPlace(a, at.buffer);
  a.mov(R1, R4).mov(R2, R7).and(R2, 0xff).load("u64", R3, R10, -16);
  a.call("bpf_probe_read_kernel").return(1);
  a.label(unnamed)
    .store("u64", R6, at.status, TailStatus.unreadable << 16)
    .goto(stop);
  for (const { name, label } of fixed) {
    a.label(label).mov(R9, MAX_STRING - name.length);
    emitPrefix(a, at.buffer, name);
    a.store("u64", R6, at.position, R9).return(1);
  }
  for (const { prefix, label } of numbered) {
    a.label(label).mov(R3, R8);
    follow(path.dentryInode);
    follow(path.inodeNumber);
    a.mov(R8, R3);
    emitNumber(a, at.buffer);
    a.sub(R9, prefix.length);
    emitPrefix(a, at.buffer, prefix);
    a.store("u64", R6, at.position, R9).return(1);
  }
}

/** The number in r8 and `]`, backwards from the end of the buffer; r9 becomes the position. */
function emitNumber(a: Assembler, buffer: number): void {
  const done = a.newLabel("number_done");
  const put = (value: () => void): void => {
    a.sub(R9, 1);
    emitPlace(a, buffer);
    value();
    a.store("u8", R4, 0, R1);
  };
  a.mov(R9, MAX_STRING);
  put(() => a.mov(R1, "]".charCodeAt(0)));
  for (let i = 0; i < MOST_DIGITS; i++) {
    if (i > 0) a.jump("eq", R8, 0, done);
    put(() => a.mov(R1, R8).mod(R1, 10).add(R1, "0".charCodeAt(0)).div(R8, 10));
  }
  a.label(done);
}

/** r4: the place in the buffer for the position in r9. Uses r1. */
function emitPlace(a: Assembler, buffer: number): void {
  a.mov(R1, R9)
    .and(R1, MAX_STRING - 1)
    .load("u64", R4, R6, buffer)
    .add(R4, R1);
}

function emitPrefix(a: Assembler, buffer: number, text: string): void {
  emitPlace(a, buffer);
  for (let i = 0; i < text.length; i++) a.store("u8", R4, i, text.charCodeAt(i));
}
