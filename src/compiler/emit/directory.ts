/** The directory of a descriptor that a name of the call may begin at. */
import { AT_FDCWD } from "../../base/linux-abi.ts";
import { R0, R1, R2, R3, R7, R10 } from "../../bpf/asm/index.ts";
import type { ValueSource } from "../../language/vocabulary.ts";
import type { Context } from "./context.ts";
import { AT, readPath, readPointer, withWalk } from "./path-walk.ts";
import type { EntryAddress } from "./place.ts";
import { loadSource } from "./values.ts";

/** Its low word: an int, whatever stands above it in the register. */
const CURRENT = BigInt.asUintN(32, BigInt(AT_FDCWD));

/** Into the entry; null for the working directory, and where there is no such descriptor. */
export function emitDirectory(c: Context, dirfd: ValueSource, place: () => EntryAddress): void {
  const { a } = c;
  const { path } = c.facts;
  const none = a.newLabel("no_directory");
  // an operation of io_uring has its descriptor elsewhere
  const isKnown = dirfd.kind === "arg" && !c.isRing;
  withWalk(c, place, { none }, (slot) => {
    if (!isKnown) {
      a.goto(none);
      return;
    }
    const follow = (offset: number, to: number): void => {
      a.add(R3, offset);
      readPointer(a, slot + to, none);
      a.load("u64", R3, R10, slot + to);
    };
    loadSource(c, dirfd, none);
    a.mov32(R0, R0).loadImm(R1, CURRENT).jump("eq", R0, R1, none);
    a.store("u64", R10, slot + AT.dentry, R0);
    a.load("u64", R3, R7, path.taskFiles).jump("eq", R3, 0, none);
    follow(path.filesTable, AT.mount);
    follow(path.tableSize, AT.position);
    a.load("u32", R1, R10, slot + AT.position).load("u64", R2, R10, slot + AT.dentry);
    a.jump("ge", R2, R1, none).load("u64", R3, R10, slot + AT.mount);
    follow(path.tableFiles, AT.mount);
    a.load("u64", R2, R10, slot + AT.dentry)
      .lsh(R2, 3)
      .add(R3, R2);
    follow(0, AT.mount);
    a.jump("eq", R3, 0, none).add(R3, path.filePath);
    readPath(c, slot, none);
  });
}
