/**
 * The record that kernel programs put into the ring: declared once, written by src/compiler, read by
 * src/events/record-reader.ts. All fields are little endian.
 *
 *   0        4        8                16               24               32
 *   | site   | flags  | seq            | time (boot ns) | duration ns    |
 *   | retval                  | pid  tid  ppid  loginuid                 |
 *   | uid gid suid sgid euid egid fsuid fsgid (order of struct cred)     |
 *   | comm[16] | pcomm[16] | args[6] (u64) | sessionid | tail count      |
 *   | tail entries …                                                     |
 *
 * Tail entry: u16 id, u16 status, u32 length in bytes, then the bytes, padded with anything to a multiple of 8.
 * id n (1..6): the text of presented parameter n. id TAIL_VALUE + n: its 8-byte number, when the source is
 * user memory rather than a register. id 0: not shown in this report.
 */
import type { ValueSource } from "../language/vocabulary.ts";
export const RecordOffset = {
  /** Index into the site table of the compiled rule set (u32). */
  site: 0,
  flags: 4,
  /** Global sequence number from 1; every number is given once, a gap is a lost event (u64). */
  seq: 8,
  /** CLOCK_BOOTTIME, ns: entry for `before`, exit for `after` (u64). */
  time: 16,
  /** `after` only: ns the call took (u64). */
  duration: 24,
  retval: 32,
  pid: 40,
  tid: 44,
  ppid: 48,
  loginuid: 52,
  uid: 56,
  gid: 60,
  suid: 64,
  sgid: 68,
  euid: 72,
  egid: 76,
  fsuid: 80,
  fsgid: 84,
  comm: 88,
  pcomm: 104,
  args: 120,
  sessionid: 168,
  tailCount: 172,
  tail: 176,
} as const;

/** Size in bytes of the fixed part. */
export const RECORD_HEADER_SIZE = RecordOffset.tail;
export const COMM_SIZE = 16;

/** Bits of the flags word. */
export const RecordFlag = {
  unreadable: 1,
  truncated: 2,
  late: 4,
  throttled: 8,
  callSkipped: 16,
  callDone: 32,
  /** Of the caller's arguments only the first bytes are in the record. */
  cmdlineTruncated: 64,
  /** These fields of the header say nothing: no value of theirs could say so itself. */
  loginuidUnknown: 0x100,
  sessionidUnknown: 0x200,
  pcommUnknown: 0x400,
} as const;

/** In the header, an id that could not be read: no process, user or group has this number. */
export const UNKNOWN_ID = 0xffff_ffff;

export const TAIL_ENTRY_HEADER_SIZE = 8;
export const TAIL_VALUE = 0x100;
/** Executable and working directory of the caller. */
export const TAIL_EXE = 0x200;
export const TAIL_CWD = 0x201;
/** Arguments of the caller, with a NUL behind each. */
export const TAIL_CMDLINE = 0x202;
/** The directory of the descriptor that the nth path parameter (from 0) may begin at: TAIL_DIR + n. */
export const TAIL_DIR = 0x220;
/** The file that the nth path parameter (from 0) names: TAIL_PATH + n. */
export const TAIL_PATH = 0x210;
/** Value of the nth macro (from 0) of extra-macros.ts, as text or as a number: TAIL_MACRO + n. */
export const TAIL_MACRO = 0x300;
/** The same of a member of a struct as bytes: 8 of a number, 4 or 16 of an address in the order of the network: TAIL_FIELD + n. */
export const TAIL_FIELD = 0x320;
/** `number`: of a macro, 8 bytes that are a number without sign. */
export const TailStatus = { ok: 0, unreadable: 1, truncated: 2, null: 3, number: 4 } as const;

/** A number that is in no register: it has a tail entry of its own. */
export type StoredSource = Extract<ValueSource, { kind: "memory" | "process" }>;

export function isStored(source: ValueSource): source is StoredSource {
  return source.kind === "memory" || source.kind === "process";
}
