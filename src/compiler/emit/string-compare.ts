/**
 * Comparison of two texts that are both read when the program runs. One bpf_loop callback goes over both at once; texts have no NUL, so
 * the end of one counts as a byte less than all others. Two names of threads are two words each, and need no loop to be the same.
 *
 * Context of the callback on the caller's stack:
 *   0 left text | 8 its length | 16 right text | 24 its length | 32 first difference, left minus right
 */
import {
  type Assembler,
  R0,
  R1,
  R2,
  R3,
  R4,
  R5,
  R9,
  R10,
  type Register,
} from "../../bpf/asm/index.ts";
import { COMM_SIZE, TAIL_ENTRY_HEADER_SIZE } from "../../events/layout.ts";
import { type BoolExpr, type CompareOp, MAX_STRING } from "../../language/checked/index.ts";
import { mirror } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { staticTest } from "../layout/patterns.ts";
import { SIGNED } from "./comparisons.ts";
import type { Context, Outcomes } from "./context.ts";
import { emitReady, emitTest, type LiveSubject } from "./live-text.ts";
import { type EntryAddress, entryPlace } from "./place.ts";
import { emitUnlessRefused, type StringSubject, subjectOf } from "./string-tests.ts";

const STEP = "compare_step";
const SLOTS = 5;
const LEFT = 0;
const RIGHT = 16;
const DIFFERENCE = 32;

/** Of a text that is longer than what is read, its beginning says nothing here. */
function whole(subject: StringSubject): LiveSubject {
  const live = subject as LiveSubject;
  return live.kind === "entry" ? { kind: "entry", k: live.k } : live;
}

export function emitStringCompare(
  c: Context,
  p: Presentation,
  { op, left: leftExpr, right: rightExpr }: Extract<BoolExpr, { kind: "stringCompare" }>,
  to: Outcomes,
): void {
  const left = subjectOf(c, p, leftExpr);
  const right = subjectOf(c, p, rightExpr);
  // the first operand that is missing decides
  emitUnlessRefused(c, leftExpr, left, to);
  if (isMissing(c, left, to)) return;
  // tests of one text against a constant look for themselves
  if (left.kind === "entry" && right.kind !== "static") emitReady(c, left.k, to);
  emitUnlessRefused(c, rightExpr, right, to);
  if (isMissing(c, right, to)) return;
  if (left.kind === "static" && right.kind === "static")
    c.a.goto(staticTest(op, left.bytes, right.bytes) ? to.yes : to.no);
  else if (left.kind === "static") emitTest(c, whole(right), mirror(op), left.bytes, to);
  else if (right.kind === "static") emitTest(c, whole(left), op, right.bytes, to);
  else if (left.kind === "comm" && right.kind === "comm" && (op === "==" || op === "!="))
    emitSameNames(c, left.offset, right.offset, op, to);
  else {
    if (right.kind === "entry") emitReady(c, right.k, to);
    emitLoop(c, left, right, op, to);
  }
}

/** Jumps away where there is no text, or none that is known. */
function isMissing(
  { a }: Context,
  subject: StringSubject,
  to: Outcomes,
): subject is Extract<StringSubject, { kind: "absent" | "unknown" }> {
  if (subject.kind === "absent") a.goto(to.no);
  else if (subject.kind === "unknown") a.goto(to.unreadable);
  else return false;
  return true;
}

function emitSameNames(
  { a }: Context,
  left: number,
  right: number,
  op: "==" | "!=",
  to: Outcomes,
): void {
  a.mov(R0, 0);
  for (let at = 0; at < COMM_SIZE; at += 8)
    a.load("u64", R1, R9, left + at)
      .load("u64", R2, R9, right + at)
      .xor(R1, R2)
      .or(R0, R1);
  a.jump(SIGNED[op], R0, 0, to.yes).goto(to.no);
}

function emitLoop(
  c: Context,
  left: LiveSubject,
  right: LiveSubject,
  op: CompareOp,
  to: Outcomes,
): void {
  const { a } = c;
  c.stack.with(SLOTS, (slot) => {
    emitSide(c, left, slot + LEFT, to);
    emitSide(c, right, slot + RIGHT, to);
    a.store("u64", R10, slot + DIFFERENCE, 0);
    a.mov(R1, MAX_STRING).loadFunction(R2, STEP);
    a.mov(R3, R10).add(R3, slot).mov(R4, 0).call("bpf_loop");
    a.load("u64", R0, R10, slot + DIFFERENCE)
      .jump(SIGNED[op], R0, 0, to.yes)
      .goto(to.no);
  });
}

/** Where a text lies, and how long it is. */
function emitSide(c: Context, subject: LiveSubject, slot: number, to: Outcomes): void {
  const { a } = c;
  let text: EntryAddress;
  if (subject.kind === "comm") {
    text = { base: R9, offset: subject.offset };
    a.store("u64", R10, slot + 8, COMM_SIZE);
  } else {
    const at = entryPlace(c, subject.k);
    a.load("u32", R1, at.base, at.offset + 4).jump("gt", R1, MAX_STRING, to.unreadable);
    a.store("u64", R10, slot + 8, R1);
    text = { base: at.base, offset: at.offset + TAIL_ENTRY_HEADER_SIZE };
  }
  a.mov(R2, text.base).add(R2, text.offset).store("u64", R10, slot, R2);
}

/** The callback, to be placed behind a program that may use it. */
export function emitCompareStep(a: Assembler): void {
  const stop = `${STEP}_stop`;
  a.function(STEP);
  emitByte(a, R3, LEFT);
  emitByte(a, R5, RIGHT);
  a.mov(R4, R3).alu("sub", R4, R5).store("u64", R2, DIFFERENCE, R4);
  a.jump("ne", R4, 0, stop).jump("eq", R3, 0, stop).return(0);
  a.label(stop).return(1);
}

/** Byte r1 of a text, 0 behind its end. Uses r4. */
function emitByte(a: Assembler, into: Register, side: number): void {
  const end = `${STEP}_end${side}`;
  a.mov(into, 0)
    .load("u64", R4, R2, side + 8)
    .jump("ge", R1, R4, end);
  a.jump("ge", R1, MAX_STRING, end);
  a.load("u64", R4, R2, side).add(R4, R1).load("u8", into, R4, 0).label(end);
}
