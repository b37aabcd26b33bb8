/**
 * Code that compares a text with a constant: equality, beginnings and ends eight bytes at a time, all else by an automaton.
 */
import { R0, R1, R2, R3, R4, R5, R9 } from "../../bpf/asm/index.ts";
import { COMM_SIZE, TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import { MAX_STRING, type StringOp } from "../../language/checked/index.ts";
import { automatonOf } from "../layout/patterns.ts";
import { runAutomaton } from "./automaton-run.ts";
import type { Context, Outcomes } from "./context.ts";
import { type EntryAddress, entryPlace } from "./place.ts";

/** Text that programs read when they run. */
export type LiveSubject =
  /** Tail entry `k`. */
  | {
      readonly kind: "entry";
      readonly k: number;
      /** NUL is a byte like others, and what was read of a longer text decides where it can (src/language/evaluate/cut-text.ts). */
      readonly isData?: boolean;
    }
  /** Fixed field of the record, padded with zeros to 16 bytes. */
  | { readonly kind: "comm"; readonly offset: number };

/** One test of a text against a constant. `longest`: of all patterns that the text is tested against, where one will do. */
export function emitTest(
  c: Context,
  subject: LiveSubject,
  op: StringOp,
  pattern: Uint8Array,
  to: Outcomes,
  longest = pattern.length,
): void {
  switch (op) {
    case "==":
      emitEquals(c, subject, pattern, to.yes, to.no, to);
      return;
    case "!=":
      emitEquals(c, subject, pattern, to.no, to.yes, to);
      return;
    case "startswith":
      emitPrefix(c, subject, pattern, to, longest);
      return;
    case "endswith":
      if (subject.kind === "entry") {
        emitSuffix(c, subject.k, pattern, to);
        return;
      }
      break;
    default:
      break;
  }
  emitAutomaton(c, subject, automatonOf(c.tables, op, pattern), to, whenCut([{ op, pattern }]));
}

/** What a run over the beginning of a text says of the whole: nothing, only that something was found, or all. */
export type WhenCut =
  | "open"
  | "found"
  /** All that begin with one of the patterns, or are one of the values: decided by a beginning as long as the longest. */
  | { readonly of: "prefixes" | "values"; readonly longest: number };

export function whenCut(
  tests: readonly { readonly op: StringOp; readonly pattern: Uint8Array }[],
): WhenCut {
  if (tests.every(({ op }) => op === "contains" || op === "icontains")) return "found";
  const isPrefix = tests.every(
    ({ op, pattern }) => op === "startswith" && pattern.length <= MAX_STRING,
  );
  if (!isPrefix) return "open";
  return { of: "prefixes", longest: longestOf(tests.map(({ pattern }) => pattern)) };
}

/** Length in bytes. */
export function longestOf(patterns: readonly Uint8Array[]): number {
  return Math.max(...patterns.map(({ length }) => length));
}

/** As emitReady, but of a longer text the beginning will do. */
function emitStarted(c: Context, { k, isData }: EntrySubject, to: Outcomes): void {
  if (isData !== true) {
    emitReady(c, k, to);
    return;
  }
  const { a } = c;
  const ready = a.newLabel("text_started");
  const at = entryPlace(c, k);
  a.load("u16", R1, at.base, at.offset + 2).jump("eq", R1, TailStatus.truncated, ready);
  a.jump("eq", R1, TailStatus.null, to.no).jump("ne", R1, TailStatus.ok, to.unreadable);
  a.label(ready);
}

/** As emitReady, but of a longer text it is known that it is none of the values, where the beginning is as long as any. */
export function emitUncut(c: Context, k: number, longest: number, to: Outcomes): void {
  const { a } = c;
  const other = a.newLabel("longer_text");
  const uncut = a.newLabel("text_uncut");
  const at = entryPlace(c, k);
  a.load("u16", R1, at.base, at.offset + 2).jump("ne", R1, TailStatus.truncated, uncut);
  emitOther(c, k, longest, to, other);
  a.label(uncut);
  emitReady(c, k, to);
}

type EntrySubject = Extract<LiveSubject, { kind: "entry" }>;

/** Jumps away unless the text is there: NULL makes an atom false, the rest is unreadable. */
export function emitReady(c: Context, k: number, to: Outcomes): void {
  const at = entryPlace(c, k);
  c.a.load("u16", R1, at.base, at.offset + 2);
  c.a.jump("eq", R1, TailStatus.null, to.no).jump("ne", R1, TailStatus.ok, to.unreadable);
}

function emitEquals(
  c: Context,
  subject: LiveSubject,
  pattern: Uint8Array,
  same: string,
  other: string,
  to: Outcomes,
): void {
  const { a } = c;
  if (subject.kind === "comm") {
    if (pattern.length >= COMM_SIZE || pattern.includes(0)) {
      a.goto(other);
      return;
    }
    const padded = new Uint8Array(COMM_SIZE);
    padded.set(pattern);
    emitDifference(c, { base: R9, offset: subject.offset }, padded);
    a.jump("eq", R0, 0, same).goto(other);
    return;
  }
  const isData = subject.isData === true;
  if (pattern.length > MAX_STRING || (pattern.includes(0) && !isData)) {
    emitReady(c, subject.k, to);
    a.goto(other);
    return;
  }
  const at = entryPlace(c, subject.k);
  const words = a.newLabel("same_length");
  // status and length in one comparison; the id is 0 or does not matter
  a.load("u64", R1, at.base, at.offset).rsh(R1, 16);
  a.loadImm(R2, pattern.length * 0x10000).jump("eq", R1, R2, words);
  a.and(R1, 0xffff).jump("eq", R1, TailStatus.ok, other);
  if (isData) {
    const uncut = a.newLabel("not_cut");
    a.jump("ne", R1, TailStatus.truncated, uncut).load("u32", R1, at.base, at.offset + 4);
    a.jump("ge", R1, pattern.length, other).goto(to.unreadable).label(uncut);
  }
  a.jump("eq", R1, TailStatus.null, to.no).goto(to.unreadable);
  a.label(words);
  if (pattern.length === 0) {
    a.goto(same);
    return;
  }
  emitDifference(c, { base: at.base, offset: at.offset + TAIL_ENTRY_HEADER_SIZE }, pattern);
  a.jump("eq", R0, 0, same).goto(other);
}

function emitPrefix(
  c: Context,
  subject: LiveSubject,
  pattern: Uint8Array,
  to: Outcomes,
  longest: number,
): void {
  const { a } = c;
  if (subject.kind === "comm") {
    if (pattern.length === 0) {
      a.goto(to.yes);
      return;
    }
    if (pattern.length >= COMM_SIZE || pattern.includes(0)) {
      a.goto(to.no);
      return;
    }
    emitDifference(c, { base: R9, offset: subject.offset }, pattern);
    a.jump("eq", R0, 0, to.yes).goto(to.no);
    return;
  }
  if (pattern.length > MAX_STRING) {
    emitReady(c, subject.k, to);
    a.goto(to.no);
    return;
  }
  emitStarted(c, subject, to);
  const at = entryPlace(c, subject.k);
  const other = subject.isData === true ? a.newLabel("other_beginning") : to.no;
  a.load("u32", R1, at.base, at.offset + 4).jump("lt", R1, pattern.length, other);
  emitDifference(c, { base: at.base, offset: at.offset + TAIL_ENTRY_HEADER_SIZE }, pattern);
  a.jump("eq", R0, 0, to.yes);
  if (subject.isData === true) emitOther(c, subject.k, longest, to, other);
  else a.goto(to.no);
}

/** Behind `label`: no pattern was found at the beginning; one that is longer than what was read of the text is open. */
function emitOther(c: Context, k: number, longest: number, to: Outcomes, label: string): void {
  const { a } = c;
  a.label(label);
  const at = entryPlace(c, k);
  a.load("u16", R1, at.base, at.offset + 2).jump("ne", R1, TailStatus.truncated, to.no);
  a.load("u32", R1, at.base, at.offset + 4)
    .jump("lt", R1, longest, to.unreadable)
    .goto(to.no);
}

function emitSuffix(c: Context, k: number, pattern: Uint8Array, to: Outcomes): void {
  const { a } = c;
  emitReady(c, k, to);
  if (pattern.length > MAX_STRING) {
    a.goto(to.no);
    return;
  }
  const at = entryPlace(c, k);
  a.load("u32", R1, at.base, at.offset + 4);
  a.jump("lt", R1, pattern.length, to.no).jump("gt", R1, MAX_STRING, to.unreadable);
  a.sub(R1, pattern.length).add(R1, at.base);
  emitDifference(c, { base: R1, offset: at.offset + TAIL_ENTRY_HEADER_SIZE }, pattern);
  a.jump("eq", R0, 0, to.yes).goto(to.no);
}

/** r0 = 0 if the bytes at the place are the pattern. Uses r2 … r4; reads up to 7 bytes beyond. */
function emitDifference(c: Context, at: EntryAddress, pattern: Uint8Array): void {
  const { a } = c;
  a.mov(R0, 0);
  for (let i = 0; i < pattern.length; i += 8) {
    const rest = Math.min(8, pattern.length - i);
    const word = Buffer.alloc(8);
    word.set(pattern.subarray(i, i + rest));
    a.load("u64", R3, at.base, at.offset + i);
    if (rest < 8) {
      // little endian: the bytes that count are the low ones
      a.lsh(R3, 64 - rest * 8).rsh(R3, 64 - rest * 8);
    }
    a.loadImm(R4, word.readBigUInt64LE()).xor(R3, R4).or(R0, R3);
  }
}

/** Runs an automaton over the text. */
export function emitAutomaton(
  c: Context,
  subject: LiveSubject,
  placed: ReturnType<typeof automatonOf>,
  to: Outcomes,
  cut: WhenCut,
): void {
  const { a } = c;
  if (subject.kind === "comm") {
    const text: EntryAddress = { base: R9, offset: subject.offset };
    runAutomaton(c, text, COMM_SIZE, placed, to.yes, to.no);
    return;
  }
  const isData = subject.isData === true;
  const beginning = typeof cut === "object" && isData ? cut : undefined;
  if (cut === "open" || !isData) emitReady(c, subject.k, to);
  else if (beginning?.of === "values") emitUncut(c, subject.k, beginning.longest, to);
  else emitStarted(c, subject, to);
  const at = entryPlace(c, subject.k);
  a.load("u32", R1, at.base, at.offset + 4).jump("gt", R1, MAX_STRING, to.unreadable);
  const text: EntryAddress = {
    base: at.base === R5 ? R5 : R9,
    offset: at.offset + TAIL_ENTRY_HEADER_SIZE,
  };
  const maybe =
    isData && (cut === "found" || beginning?.of === "prefixes")
      ? a.newLabel("not_found")
      : undefined;
  runAutomaton(c, text, R1, placed, to.yes, maybe ?? to.no, isData);
  if (maybe === undefined) return;
  if (beginning !== undefined) {
    emitOther(c, subject.k, beginning.longest, to, maybe);
    return;
  }
  a.label(maybe);
  const entry = entryPlace(c, subject.k);
  a.load("u16", R1, entry.base, entry.offset + 2);
  a.jump("eq", R1, TailStatus.truncated, to.unreadable).goto(to.no);
}
