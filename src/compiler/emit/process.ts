/**
 * The process that a pidfd stands for, by the number that the caller would name it by: from the table of open files to its
 * struct pid, and there the number in the caller's own pid namespace. Since Linux 6.9 pidfds are inodes of a file system of their
 * own, which hold it; before, files with a name of their own.
 */
import { type Assembler, R0, R1, R2, R3, R7, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import type { PidFacts } from "../facts.ts";
import type { Context } from "./context.ts";
import { followPointer, readKernel } from "./kernel-memory.ts";

/** PIDFD_SELF_THREAD, since 6.14; PIDFD_SELF_THREAD_GROUP. */
const SELF_THREAD = -10000;
const SELF_PROCESS = -20000;
/** include/uapi/linux/magic.h */
const PID_FS_MAGIC = 0x50494446;
const ANON_INODE_FS_MAGIC = 0x09041934;
/** `[pidfd]` and its NUL, as a word. */
const PIDFD_NAME = Buffer.from("[pidfd]\0").readBigUInt64LE();
/** struct qstr: where the name is. */
const QSTR_NAME = 8;
/** struct upid { int nr; struct pid_namespace *ns; } */
const UPID_SIZE = 16;
const NOWHERE = -1;

/** struct path: where the entry is. */
const PATH_DENTRY = 8;

/** Words on the stack; a number and its namespace are a struct upid. */
const SLOTS = 6;
const AT = { word: 0, pid: 8, number: 16, namespace: 24, level: 32, own: 40 } as const;

/** r0 = that number, -1 if the caller has none for it; goes to `unreadable` if the descriptor is no pidfd. Clobbers r0 … r5. */
export function loadProcess(c: Context, argument: number, unreadable: string): void {
  const { a, facts } = c;
  const { pid } = facts;
  // an operation of io_uring has no such descriptor
  if (c.isRing) {
    a.goto(unreadable).mov(R0, 0);
    return;
  }
  const found = a.newLabel("pid_found");
  const ofThread = a.newLabel("pid_of_thread");
  const ofProcess = a.newLabel("pid_of_process");
  const descriptor = a.newLabel("pidfd");
  c.stack.with(SLOTS, (slot) => {
    const read = reader(a, slot, unreadable);
    a.load("u32", R1, R9, RecordOffset.args + argument * 8).signExtend(R1, R1, 32);
    a.mov(R3, R7).jump("eq", R1, SELF_THREAD, ofThread).jump("eq", R1, SELF_PROCESS, ofProcess);
    a.jump("sge", R1, 0, descriptor).goto(unreadable);
    a.label(ofProcess).load("u64", R3, R7, facts.task.groupLeader);
    a.label(ofThread);
    read(pid.ofTask);
    a.goto(found).label(descriptor);
    emitBehind(c, pid, slot, unreadable);
    a.label(found)
      .jump("eq", R3, 0, unreadable)
      .store("u64", R10, slot + AT.pid, R3);
    emitNumber(c, pid, slot, unreadable);
  });
}

/** The word at `*(r3 + offset)`, to r3. */
function reader(a: Assembler, slot: number, unreadable: string): (offset: number) => void {
  return (offset) => followPointer(a, offset, slot + AT.word, unreadable);
}

/** r3 = struct pid behind the descriptor in r1. */
function emitBehind(c: Context, pid: PidFacts, slot: number, unreadable: string): void {
  const { a } = c;
  const { path } = c.facts;
  const read = reader(a, slot, unreadable);
  const named = a.newLabel("pidfd_with_name");
  const done = a.newLabel("pidfd_done");
  a.store("u64", R10, slot + AT.number, R1);
  a.load("u64", R3, R7, path.taskFiles).jump("eq", R3, 0, unreadable);
  read(path.filesTable);
  a.store("u64", R10, slot + AT.pid, R3);
  read(path.tableSize);
  a.mov32(R3, R3)
    .load("u64", R1, R10, slot + AT.number)
    .jump("ge", R1, R3, unreadable);
  a.load("u64", R3, R10, slot + AT.pid);
  read(path.tableFiles);
  a.load("u64", R1, R10, slot + AT.number)
    .lsh(R1, 3)
    .add(R3, R1);
  read(0);
  a.jump("eq", R3, 0, unreadable).store("u64", R10, slot + AT.pid, R3);
  read(path.fileInode);
  a.store("u64", R10, slot + AT.number, R3);
  read(path.inodeSuperBlock);
  read(pid.superBlockMagic);
  a.jump("eq", R3, ANON_INODE_FS_MAGIC, named).jump("ne", R3, PID_FS_MAGIC, unreadable);
  a.load("u64", R3, R10, slot + AT.number);
  read(pid.inodePrivate);
  a.goto(done)
    .label(named)
    .load("u64", R3, R10, slot + AT.pid);
  read(path.filePath + PATH_DENTRY);
  read(path.dentryName + QSTR_NAME);
  read(0);
  a.loadImm(R1, PIDFD_NAME).jump("ne", R3, R1, unreadable);
  a.load("u64", R3, R10, slot + AT.pid);
  read(pid.filePrivate);
  a.label(done);
}

/** r0 = the number of the struct pid in the slot, in the namespace of the caller. */
function emitNumber({ a }: Context, pid: PidFacts, slot: number, unreadable: string): void {
  const nowhere = a.newLabel("pid_nowhere");
  const done = a.newLabel("pid_done");
  /** Level of the struct pid in r3, to r1; r3 stays. */
  const readLevel = (): void => {
    a.store("u64", R10, slot + AT.own, R3).add(R3, pid.level);
    readKernel(a, slot + AT.word, 4, unreadable);
    a.load("u32", R1, R10, slot + AT.word).load("u64", R3, R10, slot + AT.own);
  };
  /** What the struct pid in r3 is in the namespace of that level. */
  const readUpid = (): void => {
    a.load("u64", R1, R10, slot + AT.level)
      .lsh(R1, 4)
      .add(R3, R1)
      .add(R3, pid.numbers);
    readKernel(a, slot + AT.number, UPID_SIZE, unreadable);
  };
  a.mov(R3, R7);
  reader(a, slot, unreadable)(pid.ofTask);
  a.jump("eq", R3, 0, unreadable);
  readLevel();
  a.store("u64", R10, slot + AT.level, R1);
  readUpid();
  a.load("u64", R3, R10, slot + AT.pid);
  a.load("u64", R1, R10, slot + AT.namespace).store("u64", R10, slot + AT.pid, R1);
  readLevel();
  a.load("u64", R2, R10, slot + AT.level).jump("lt", R1, R2, nowhere);
  readUpid();
  a.load("u64", R1, R10, slot + AT.namespace).load("u64", R2, R10, slot + AT.pid);
  a.jump("ne", R1, R2, nowhere).load("u32", R0, R10, slot + AT.number);
  a.signExtend(R0, R0, 32).goto(done).label(nowhere).mov(R0, NOWHERE).label(done);
}
