/** One system call at one moment, as the evaluator sees it. Engines, tests and `sct test` implement it. */
import type { IntVariable, StringVariable } from "./checked/index.ts";
import type { FileTest } from "./file-tests.ts";
import type { Presentation } from "./vocabulary.ts";

export interface StringRead {
  /** Without the NUL; at most MAX_STRING bytes. */
  readonly bytes: Uint8Array;
  /** There is more than MAX_STRING. */
  readonly truncated: boolean;
}

/** What a descriptor of the caller stands for. Undefined: unreadable here; null: it has no such thing. */
export interface OpenFile {
  readonly type: Uint8Array | undefined;
  readonly path: StringRead | undefined;
  readonly flags: bigint | null | undefined;
  /** Of a connected socket: 4 or 16 bytes of address, and the port. */
  readonly peer: { readonly address: Uint8Array; readonly port: number } | null | undefined;
}

export interface CallView {
  readonly presentation: Presentation;
  /** Bytes of a register and of an address, at which addresses wrap: 4 in a 32-bit call. */
  readonly wordSize: 4 | 8;
  /** It reads buffers as long as the call takes them, in pieces of up to MOST_MATCHED bytes. Absent: up to MAX_STRING. */
  readonly readsAll?: boolean;
  /** Of a call that sends several messages: the one that is looked at, from 0. Absent: the first. */
  readonly message?: number;
  /** Register argument 0..5, zero-extended from the ABI's register width. */
  arg(index: number): bigint;
  /** Exactly `size` bytes of the caller's memory, or undefined if any of them cannot be read. */
  readMemory(address: bigint, size: number): Uint8Array | undefined;
  /** NUL-terminated string of the caller's memory, or undefined if it cannot be read. */
  readString(address: bigint): StringRead | undefined;
  /** Undefined: unreadable here (RETVAL before the call, a resolved path that is gone …). */
  intVariable(name: IntVariable): bigint | undefined;
  stringVariable(name: StringVariable): StringRead | undefined;
  /**
   * Resolved file of presented parameter `index`; 0: the first one that names a file. Of the address of a unix socket: its file,
   * or `@name` of an abstract one. Null: it names none (another kind of address); comparisons are false. Refused: there is none,
   * and the kernel refuses the call over that whatever rules say (EBADF, ENOTDIR, ENAMETOOLONG, EACCES on the way …).
   */
  path(index: number): StringRead | "refused" | null | undefined;
  /**
   * Whether a file test that its text does not meet as it stands means the file all the same: its constant leads there over links, or
   * names it by another name. Absent: constants mean their text alone.
   */
  isMeant?(test: FileTest, text: Uint8Array): boolean;
  /** Number of the process behind a pidfd as the caller counts, -1: it is gone. Undefined: unreadable here. */
  processOf?(pidfd: bigint): bigint | undefined;
  /** Of a number from 0, or AT_FDCWD: the working directory. Null: it is not open. Absent: unreadable. */
  openFile?(fd: number): OpenFile | null | undefined;
  /** Null: the program gets fewer arguments, or no such variable; comparisons with it are false. */
  argv(index: number | undefined): StringRead | null | undefined;
  envp(name: string): StringRead | null | undefined;
  descendsFrom(ancestor: string | number): boolean | undefined;
}
