/**
 * FD[n].member: from the caller's table of open files to what the rule asks of the file. Numbers have 8 bytes in the entry,
 * addresses 4 or 16 in the order of the network. All is read with bpf_probe_read_kernel: another thread may close the
 * descriptor meanwhile, and then what is read is that of a file that was open when the call was made, or nothing.
 */
import { AF_INET, AF_INET6, AT_FDCWD } from "../../base/linux-abi.ts";
import { type Assembler, R0, R1, R2, R3, R7, R10 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import type { DescriptorMember } from "../../variables/index.ts";
import type { DescriptorSource } from "../plan/block.ts";
import type { Context } from "./context.ts";
import { emitDescriptorType, SOCKET_FS } from "./descriptor-type.ts";
import { followPointer, readKernel } from "./kernel-memory.ts";
import { AT as PATH_AT, readPath, withWalk } from "./path-walk.ts";
import { type EntryAddress, setEntryStatus } from "./place.ts";
import { loadSource } from "./values.ts";

/** Its low word: an int, whatever stands above it in the register. */
const CURRENT = BigInt.asUintN(32, BigInt(AT_FDCWD));
const O_CLOEXEC = 0o2000000;
/** include/net/tcp_states.h: sockets without a peer yet, and those without one any more. */
const TCP_SYN_SENT = 2;
const TCP_CLOSE = 7;
/** The second 32 bits of the second word before an IPv4 address in IPv6, as they are read. */
const MAPPED = 0xffff_0000;

/** Words on the stack; the last two are for what a member needs beside the file. */
const SLOTS = 5;
const AT = { word: 0, fd: 8, table: 16, file: 24, other: 32 } as const;

interface FileLabels {
  /** Nothing is open there. */
  readonly none: string;
  readonly unreadable: string;
}

/** Into the entry whose address `place` emits; it may use r5 alone. */
export function emitDescriptor(
  c: Context,
  source: DescriptorSource,
  place: () => EntryAddress,
): void {
  const { a } = c;
  // an operation of io_uring has its descriptor elsewhere
  if (c.isRing || source.fd.kind === "unknown") {
    setEntryStatus(c, place, TailStatus.unreadable);
    return;
  }
  const { member } = source;
  if (member === "path") {
    emitPath(c, source, place);
    return;
  }
  const labels = { none: a.newLabel("no_file"), unreadable: a.newLabel("unknown_file") };
  const current = a.newLabel("working_directory");
  const done = a.newLabel("file_known");
  c.stack.with(SLOTS, (slot) => {
    const at = { word: slot + AT.word, fd: slot + AT.fd, table: slot + AT.table };
    loadFile(c, source, at, { ...labels, current });
    a.store("u64", R10, slot + AT.file, R3);
    MEMBERS[member]({ c, slot, place, labels });
    a.goto(done).label(current);
    if (member === "type") writeText(a, place, "dir");
    else setEntryStatus(c, place, TailStatus.null);
  });
  a.goto(done).label(labels.none);
  setEntryStatus(c, place, TailStatus.null);
  a.goto(done).label(labels.unreadable);
  setEntryStatus(c, place, TailStatus.unreadable);
  a.label(done);
}

/** Stack slots to work with. */
interface LoadSlots {
  readonly word: number;
  readonly fd: number;
  readonly table: number;
}

/** r3 = struct file. Leaves the number and the struct fdtable in their slots. Clobbers r0 … r5. */
function loadFile(
  c: Context,
  { fd, isDirectory }: DescriptorSource,
  at: LoadSlots,
  to: FileLabels & { readonly current: string },
): void {
  const { a } = c;
  const { path } = c.facts;
  if (fd.kind === "absent") throw new Error("a missing parameter is no descriptor");
  loadSource(c, fd, to.unreadable);
  a.mov32(R0, R0);
  if (isDirectory) a.loadImm(R1, CURRENT).jump("eq", R0, R1, to.current);
  a.store("u64", R10, at.fd, R0);
  a.load("u64", R3, R7, path.taskFiles).jump("eq", R3, 0, to.none);
  followPointer(a, path.filesTable, at.word, to.unreadable);
  a.store("u64", R10, at.table, R3).add(R3, path.tableSize);
  readKernel(a, at.word, 4, to.unreadable);
  a.load("u32", R1, R10, at.word).load("u64", R2, R10, at.fd).jump("ge", R2, R1, to.none);
  a.load("u64", R3, R10, at.table);
  followPointer(a, path.tableFiles, at.word, to.unreadable);
  a.load("u64", R2, R10, at.fd).lsh(R2, 3).add(R3, R2);
  followPointer(a, 0, at.word, to.unreadable);
  a.jump("eq", R3, 0, to.none);
}

/** Through the walk of all names of files. */
function emitPath(c: Context, source: DescriptorSource, place: () => EntryAddress): void {
  const { a } = c;
  const { path } = c.facts;
  const [none, unknown] = [a.newLabel("no_file"), a.newLabel("unknown_file")];
  withWalk(c, place, { none, unknown }, (slot) => {
    const [current, found] = [a.newLabel("working_directory"), a.newLabel("file_found")];
    const at = {
      word: slot + PATH_AT.position,
      fd: slot + PATH_AT.dentry,
      table: slot + PATH_AT.mount,
    };
    loadFile(c, source, at, { none, unreadable: unknown, current });
    a.add(R3, path.filePath).goto(found).label(current);
    a.load("u64", R3, R7, path.taskFs).jump("eq", R3, 0, none).add(R3, path.fsPwd);
    a.label(found);
    readPath(c, slot, none);
  });
}

/** What the code of a member works with: the struct file is in a slot. */
interface MemberInput {
  readonly c: Context;
  readonly slot: number;
  readonly place: () => EntryAddress;
  readonly labels: FileLabels;
}

const MEMBERS: Readonly<Record<Exclude<DescriptorMember, "path">, (input: MemberInput) => void>> = {
  type: ({ c, slot, place, labels: { unreadable } }) =>
    emitDescriptorType(c, {
      file: slot + AT.file,
      words: [slot + AT.word, slot + AT.fd, slot + AT.table, slot + AT.other],
      write: (text) => writeText(c.a, place, text),
      place,
      unreadable,
    }),
  flags: emitFlags,
  port: emitPort,
  addr: emitAddress,
};

/** As /proc/PID/fdinfo has them: whether it is closed on exec is known of the descriptor, not of the file. */
function emitFlags({ c, slot, place, labels }: MemberInput): void {
  const { a, facts } = c;
  const { unreadable } = labels;
  const word = slot + AT.word;
  a.load("u64", R3, R10, slot + AT.table);
  followPointer(a, facts.open.tableCloseOnExec, word, unreadable);
  a.load("u64", R1, R10, slot + AT.fd)
    .rsh(R1, 3)
    .add(R3, R1);
  readKernel(a, word, 1, unreadable);
  a.load("u8", R1, R10, word)
    .load("u64", R2, R10, slot + AT.fd)
    .and(R2, 7)
    .rsh(R1, R2);
  a.and(R1, 1)
    .mul(R1, O_CLOEXEC)
    .store("u64", R10, slot + AT.other, R1);
  a.load("u64", R3, R10, slot + AT.file).add(R3, facts.path.fileFlags);
  readKernel(a, word, 4, unreadable);
  a.load("u32", R0, R10, word).and(R0, ~O_CLOEXEC);
  a.mov32(R0, R0)
    .load("u64", R1, R10, slot + AT.other)
    .or(R0, R1);
  writeNumber(a, place);
}

/** Goes to `none` unless the file is a socket with a peer, as getpeername(2) says it; leaves its struct sock in `other`. */
function emitPeer({ c, slot, labels }: MemberInput): void {
  const { a, facts } = c;
  const { none, unreadable } = labels;
  const { open, path, pid } = facts;
  const word = slot + AT.word;
  const follow = (offset: number): void => followPointer(a, offset, word, unreadable);
  a.load("u64", R3, R10, slot + AT.file);
  follow(path.fileInode);
  follow(path.inodeSuperBlock);
  follow(pid.superBlockMagic);
  a.jump("ne", R3, SOCKET_FS, none).load("u64", R3, R10, slot + AT.file);
  follow(pid.filePrivate);
  follow(open.socketSk);
  a.jump("eq", R3, 0, none).store("u64", R10, slot + AT.other, R3);
  const read = (offset: number, size: 1 | 2): void => {
    a.load("u64", R3, R10, slot + AT.other).add(R3, offset);
    readKernel(a, word, size, unreadable);
    a.load(size === 1 ? "u8" : "u16", R1, R10, word);
  };
  read(open.state, 1);
  a.jump("eq", R1, TCP_CLOSE, none).jump("eq", R1, TCP_SYN_SENT, none);
  const known = a.newLabel("known_family");
  read(open.family, 2);
  a.store("u64", R10, slot + AT.table, R1).jump("eq", R1, AF_INET, known);
  if (open.peerAddressV6 === undefined) a.goto(none);
  else a.jump("ne", R1, AF_INET6, none);
  a.label(known);
  read(open.peerPort, 2);
  a.jump("eq", R1, 0, none);
}

function emitPort(input: MemberInput): void {
  const { a } = input.c;
  emitPeer(input);
  // the order of the network
  a.mov(R0, R1).rsh(R0, 8).and(R1, 0xff).lsh(R1, 8).or(R0, R1);
  writeNumber(a, input.place);
}

function emitAddress(input: MemberInput): void {
  const { c, slot, place, labels } = input;
  const { a, facts } = c;
  const { open } = facts;
  const [short, written] = [a.newLabel("ipv4_peer"), a.newLabel("peer_written")];
  emitPeer(input);
  a.load("u64", R1, R10, slot + AT.table).jump("eq", R1, AF_INET, short);
  if (open.peerAddressV6 !== undefined) {
    const long = a.newLabel("ipv6_peer");
    a.load("u64", R3, R10, slot + AT.other).add(R3, open.peerAddressV6);
    // 16 bytes: the words of the number and of the table are not needed any more
    readKernel(a, slot + AT.fd, 16, labels.unreadable);
    a.load("u64", R1, R10, slot + AT.fd).jump("ne", R1, 0, long);
    a.load("u32", R1, R10, slot + AT.table)
      .loadImm(R2, MAPPED)
      .jump("ne", R1, R2, long);
    a.load("u32", R0, R10, slot + AT.table + 4);
    writeAddress(a, place, 4, (at) => a.store("u64", at.base, at.offset, R0));
    a.goto(written).label(long);
    writeAddress(a, place, 16, (at) => {
      for (const half of [0, 8])
        a.load("u64", R1, R10, slot + AT.fd + half).store("u64", at.base, at.offset + half, R1);
    });
    a.goto(written);
  }
  a.label(short)
    .load("u64", R3, R10, slot + AT.other)
    .add(R3, open.peerAddress);
  readKernel(a, slot + AT.word, 4, labels.unreadable);
  a.load("u32", R0, R10, slot + AT.word);
  writeAddress(a, place, 4, (at) => a.store("u64", at.base, at.offset, R0));
  a.label(written);
}

function writeAddress(
  a: Assembler,
  place: () => EntryAddress,
  length: 4 | 16,
  writeBytes: (at: EntryAddress) => void,
): void {
  const at = place();
  writeHeader(a, at, length);
  writeBytes({ base: at.base, offset: at.offset + TAIL_ENTRY_HEADER_SIZE });
}

/** The number in r0. */
function writeNumber(a: Assembler, place: () => EntryAddress): void {
  const at = place();
  writeHeader(a, at, 8);
  a.store("u64", at.base, at.offset + TAIL_ENTRY_HEADER_SIZE, R0);
}

function writeText(a: Assembler, place: () => EntryAddress, text: string): void {
  const at = place();
  writeHeader(a, at, text.length);
  const bytes = Buffer.alloc(Math.ceil(text.length / 8) * 8, text, "latin1").fill(0, text.length);
  for (let i = 0; i < bytes.length; i += 8)
    a.loadImm(R1, bytes.readBigUInt64LE(i)).store(
      "u64",
      at.base,
      at.offset + TAIL_ENTRY_HEADER_SIZE + i,
      R1,
    );
}

/** Clobbers r1. */
function writeHeader(a: Assembler, at: EntryAddress, length: number): void {
  a.loadImm(R1, (BigInt(TailStatus.ok) << 16n) | (BigInt(length) << 32n));
  a.store("u64", at.base, at.offset, R1);
}
