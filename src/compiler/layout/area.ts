/**
 * Memory that programs build a record in. A call without text needs only the stack; all others use an area
 * in task storage: it belongs to one thread, so nothing that preempts the program can write to it, and it
 * lives from the entry of a call to its exit.
 *
 *   0             32           40              56                         88       184       188     192         196       200          208  212    216
 *   | asked, due | first site | mount, dentry | device, inode | the same | passes | pending | block | late rule | verdict | entry time | nr | pass | record …
 *
 * Mount and dentry are those that the last lookup of the thread has found (see programs/lookup.ts). The two pairs identify
 * the files of the first two path parameters; what belongs to passes is in emit/pass.ts, what rules were
 * asked in emit/due.ts.
 *
 * Keys of counts that have text are built before all that (see layout/counts.ts).
 *
 * R9 points to the record in both cases, so that the same code serves stack and area.
 */
import type { Span } from "../../base/span.ts";
import { RECORD_HEADER_SIZE, TAIL_ENTRY_HEADER_SIZE } from "../../events/layout.ts";
import { MAX_STRING } from "../../language/checked/index.ts";

/** Offsets relative to the record. */
export const AreaOffset = {
  /** u32, see Pending; 0: nothing to do at the exit of this call. */
  pending: -32,
  /** u32: Block.id. */
  block: -28,
  /** u32: position in Block.before to continue from. */
  lateRule: -24,
  /** u32: what security hooks are to do with the call under way, see Verdict. */
  verdict: -20,
  /** u64, CLOCK_BOOTTIME ns. */
  entryTime: -16,
  /** u32: number of the call; a verdict is for this call alone. NO_CALL: none that an entry has looked at. */
  nr: -8,
  /** u32: Block.id + 1 of a suspended call that will be made again; 0: there is none. */
  pass: -4,
  /** u32: position + 1 of the rule that has suspended the call under way, which is made again; 0: none. */
  passing: -128,
  /** u32: the same for the call of `pass`. */
  passRule: -124,
  /** u32: not 0 as long as the call of `pass` has not returned. */
  passFresh: -120,
  /** u64: rules that have matched in the call under way, by their bits. */
  seen: -112,
  /** u64: the same for the call of `pass`. */
  passSeen: -104,
  /** Eight u64: instruction pointer, stack pointer and arguments of the call of `pass`. */
  passRegisters: -96,
  /** u64: rules that have been asked whether they take the call under way, by their bits (see emit/due.ts). */
  asked: -192,
  /** u64: those of them that do. */
  due: -200,
  /** Two u64: the same for the call of `pass`. */
  passAsked: -208,
  passDue: -216,
  /** u32: number of the first site of the call under way, where its code is that of several calls (see families.ts). */
  firstSite: -184,
  /** Two u64, struct path: what the last lookup of the call under way has found; dentry 0: nothing. */
  lookupMount: -176,
  lookupDentry: -168,
} as const;

export const AREA_HEADER_SIZE = 216;

/** Path parameters whose files are identified: no call has more. */
export const IDENTITIES = 2;
/** Offset relative to the record of the u64 device of the nth file; its u64 inode number follows. Device 0: unknown. */
export function identityOffset(nth: number): number {
  return -160 + nth * 16;
}

/** Scratch space before the area's header, where rules name files: two texts long (see emit/path-walk.ts). */
export const SCRATCH_SIZE = 2 * MAX_STRING;
/** Its offset relative to the record. */
export const scratchOffset = -(AREA_HEADER_SIZE + SCRATCH_SIZE);

export const NO_CALL = 0xffffffff;

/** 1..4095: deny with this errno. */
export const HookVerdict = {
  none: 0,
  /** A bit: text was not in memory at entry, the hook evaluates the rules from there on. Rules before may have denied. */
  undecided: 0x10000,
  errno: 0xfff,
} as const;

export const PendingState = { late: 1, after: 2 } as const;

/** Room for the text, its NUL, and one byte more that distinguishes a full string from a truncated one. */
export const STRING_READ_SIZE = MAX_STRING + 2;
/** One tail entry with the longest text, a multiple of 8. */
export const STRING_ENTRY_SIZE = TAIL_ENTRY_HEADER_SIZE + ((STRING_READ_SIZE + 7) & ~7);
/** Tail entry of an 8-byte number. */
export const VALUE_ENTRY_SIZE = TAIL_ENTRY_HEADER_SIZE + 8;

/** BPF_LOCAL_STORAGE_MAX_VALUE_SIZE of include/linux/bpf_local_storage.h: 16 bits less a header that differs from kernel to kernel. */
export const LARGEST_AREA = 65_280;

/** The rules of one call look at more texts than an area holds; reported at a rule of that call. */
export class AreaExhaustedError extends Error {
  readonly span: Span;

  constructor(call: string, span: Span) {
    super(
      `Cannot compile the rules on ${call}: together they look at more texts than the 64 KiB that a thread has hold`,
    );
    this.name = "AreaExhaustedError";
    this.span = span;
  }
}

/** Bytes of task storage for calls with up to this many texts and numbers in user memory; `counting`: room for keys of counts. */
export function areaSize(
  strings: number,
  values: number,
  hasScratch: boolean,
  counting: number,
): number {
  // one string at least: automata over COMM read within the same bounds
  return (
    counting +
    (hasScratch ? SCRATCH_SIZE : 0) +
    AREA_HEADER_SIZE +
    RECORD_HEADER_SIZE +
    Math.max(strings, 1) * STRING_ENTRY_SIZE +
    values * VALUE_ENTRY_SIZE +
    8
  );
}
