/**
 * Tests of text against constants. Equality and prefixes compare 8 bytes at a time and join the differences, so
 * that a test costs the verifier one branch however long the text is; all else runs an automaton.
 */

import { R0, R1, R2, R3, R4, R5, R9, type Register } from "../../bpf/asm/index.ts";
import {
  COMM_SIZE,
  RecordOffset,
  TAIL_ENTRY_HEADER_SIZE,
  TailStatus,
} from "../../events/layout.ts";
import {
  type BoolExpr,
  MAX_STRING,
  type StringExpr,
  type StringOp,
} from "../../language/checked/index.ts";
import { factsOf, fileNumber, isFileTest, isNegative } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { variable } from "../../variables/index.ts";
import { IDENTITIES, identityOffset } from "../layout/area.ts";
import { IDENTITIES_OF_PATH, IDENTITY_SIZE } from "../layout/identities.ts";
import { MapName } from "../layout/map-names.ts";
import { automatonOf, literalsAutomaton, staticTest, unionAutomaton } from "../layout/patterns.ts";
import { runAutomaton } from "./automaton-run.ts";
import type { Context, Outcomes } from "./context.ts";
import { emitIsMeant } from "./meanings.ts";
import type { UnionTest } from "./merge-tests.ts";
import { entryPlace, type Place, stringIndex } from "./place.ts";

/** More values than this in one `in (…)` become an automaton. */
const MAX_COMPARED_VALUES = 64;

type Subject =
  /** Tail entry `k`. */
  | { readonly kind: "entry"; readonly k: number }
  /** Fixed field of the record, padded with zeros to 16 bytes. */
  | { readonly kind: "comm"; readonly offset: number }
  /** Known when the program is made. */
  | { readonly kind: "static"; readonly bytes: Uint8Array }
  | { readonly kind: "absent" }
  /** There is some, and nobody knows it. */
  | { readonly kind: "unknown" };

function subjectOf(c: Context, p: Presentation, expr: StringExpr): Subject {
  if (expr.kind === "stringParam") {
    const source = p.params[expr.index - 1]?.source;
    if (source === undefined || source.kind === "absent") return { kind: "absent" };
    if (source.kind === "unknown") return { kind: "unknown" };
    return { kind: "entry", k: stringIndex(c, source) };
  }
  if (expr.kind === "stringVariable") {
    const { record } = variable(expr.name);
    switch (record.in) {
      case "name":
        return { kind: "comm", offset: RecordOffset[record.field] };
      case "site":
        return { kind: "static", bytes: Buffer.from(String(p[record.part])) };
      case "tail":
        return { kind: "entry", k: stringIndex(c, { kind: record.object }) };
      default:
        break;
    }
  }
  if (expr.kind === "pathOf") {
    const nth = fileNumber(p, expr.index);
    if (nth === undefined) return { kind: "absent" };
    return { kind: "entry", k: stringIndex(c, { kind: "path", nth }) };
  }
  throw new Error(`${expr.kind} is refused before code is made`);
}

export function emitStringTest(
  c: Context,
  p: Presentation,
  expr: Extract<BoolExpr, { kind: "stringTest" }>,
  to: Outcomes,
): void {
  const subject = subjectOf(c, p, expr.subject);
  emitUnlessRefused(c, expr.subject, subject, to);
  if (subject.kind === "absent") c.a.goto(to.no);
  else if (subject.kind === "unknown") c.a.goto(to.unreadable);
  else if (subject.kind === "static")
    c.a.goto(staticTest(expr.op, subject.bytes, expr.pattern) ? to.yes : to.no);
  else if (!isFileTest(expr) || subject.kind !== "entry")
    emitTest(c, subject, expr.op, expr.pattern, to);
  else {
    // what is meant besides the text: other names of the file, then the file itself
    const isPositive = !isNegative(expr);
    const outcomes = sameFile(c, p, expr, to);
    const different = isPositive ? outcomes.no : outcomes.yes;
    const same = isPositive ? to.yes : to.no;
    const label = emitIsMeant(c, subject.k, expr, { same, different }) ?? different;
    const orMeant = isPositive ? { no: label } : { yes: label };
    emitTest(c, subject, expr.op, expr.pattern, { ...outcomes, ...orMeant });
  }
}

/** At its end, a call that has met no hook has no file: what such a test is stays open (see emitUnlessPathRefused). */
function emitUnlessRefused(c: Context, expr: StringExpr, subject: Subject, to: Outcomes): void {
  if (expr.kind !== "pathOf" || subject.kind !== "entry" || !isOver(c)) return;
  const at = entryPlace(c, subject.k);
  c.a.load("u16", R1, at.base, at.offset + 2).jump("eq", R1, TailStatus.null, to.unreadable);
}

/** The call has been made: no hook comes any more. */
function isOver({ stage }: Context): boolean {
  return stage === "late" || stage === "exit";
}

/**
 * Behind an open outcome: goes to `none` if a path that the filter asks for named no file. The kernel has refused the call over that,
 * and no rule is meant, whatever on_unreadable says.
 */
export function emitUnlessPathRefused(
  c: Context,
  p: Presentation,
  filter: BoolExpr | undefined,
  none: string,
): void {
  if (!isOver(c)) return;
  for (const index of factsOf(filter).paths) {
    const nth = fileNumber(p, index);
    if (nth === undefined) continue;
    const at = entryPlace(c, stringIndex(c, { kind: "path", nth }));
    c.a.load("u16", R1, at.base, at.offset + 2).jump("eq", R1, TailStatus.null, none);
  }
}

/** Any of several tests of one text, all at once where one automaton can hold them. */
export function emitAnyTest(
  c: Context,
  p: Presentation,
  tests: readonly [UnionTest, ...UnionTest[]],
  to: Outcomes,
): void {
  const subject = subjectOf(c, p, tests[0].subject);
  emitUnlessRefused(c, tests[0].subject, subject, to);
  if (subject.kind === "absent") c.a.goto(to.no);
  else if (subject.kind === "unknown") c.a.goto(to.unreadable);
  else if (subject.kind === "static") {
    const isAny = tests.some(({ op, pattern }) => staticTest(op, subject.bytes, pattern));
    c.a.goto(isAny ? to.yes : to.no);
  } else {
    let { no } = to;
    for (const test of tests)
      if (isFileTest(test) && subject.kind === "entry")
        no = emitIsMeant(c, subject.k, test, { same: to.yes, different: no }) ?? no;
    emitUnion(c, subject, tests, { ...to, no });
  }
}

function emitUnion(
  c: Context,
  subject: LiveSubject,
  tests: readonly [UnionTest, ...UnionTest[]],
  to: Outcomes,
): void {
  const [first, second, ...others] = tests;
  if (second === undefined) {
    emitTest(c, subject, first.op, first.pattern, to);
    return;
  }
  const placed = unionAutomaton(c.tables, tests);
  if (placed !== undefined) {
    emitAutomaton(c, subject, placed, to);
    return;
  }
  const middle = tests.length >> 1;
  const next = c.a.newLabel("other_patterns");
  emitUnion(c, subject, [first, ...tests.slice(1, middle)], { ...to, no: next });
  c.a.label(next);
  const rest = [second, ...others].slice(middle - 1) as [UnionTest, ...UnionTest[]];
  emitUnion(c, subject, rest, to);
}

/**
 * For PATH == and != a text that differs is not the last word: the file may be the same by another name. Gives the
 * outcomes for the comparison of texts, and emits the comparison of files where `different` leads.
 */
function sameFile(
  c: Context,
  p: Presentation,
  expr: Extract<BoolExpr, { kind: "stringTest" }>,
  to: Outcomes,
): Outcomes {
  if (expr.subject.kind !== "pathOf" || (expr.op !== "==" && expr.op !== "!=")) return to;
  const different = expr.op === "==" ? "no" : "yes";
  const same = expr.op === "==" ? to.yes : to.no;
  const nth = fileNumber(p, expr.subject.index) ?? IDENTITIES;
  const label = emitSameFile(c, nth, expr.pattern, same, to[different]);
  return label === undefined ? to : { ...to, [different]: label };
}

/** Code aside that compares files; returns its label. Nothing where the text names no file by itself. */
function emitSameFile(
  c: Context,
  nth: number,
  path: Uint8Array,
  same: string,
  different: string,
): string | undefined {
  const { a } = c;
  const at = nth < IDENTITIES ? c.identities.place(path) : undefined;
  if (at === undefined) return undefined;
  const over = a.newLabel("compare_names");
  const label = a.newLabel("compare_files");
  a.goto(over).label(label);
  a.loadMapValue(R1, MapName.identities, at);
  a.load("u64", R2, R9, identityOffset(nth)).jump("eq", R2, 0, different);
  a.load("u64", R3, R9, identityOffset(nth) + 8).mov(R0, -1);
  for (let i = 0; i < IDENTITIES_OF_PATH; i++) {
    a.load("u64", R4, R1, i * IDENTITY_SIZE).xor(R4, R2);
    a.load("u64", R5, R1, i * IDENTITY_SIZE + 8)
      .xor(R5, R3)
      .or(R4, R5);
    // the upper bit of x | -x is clear for 0 only: one branch for all pairs
    a.mov(R5, 0).alu("sub", R5, R4).or(R5, R4).and(R0, R5);
  }
  a.rsh(R0, 63).jump("eq", R0, 0, same).goto(different).label(over);
  return label;
}

export function emitStringIn(
  c: Context,
  p: Presentation,
  expr: Extract<BoolExpr, { kind: "stringIn" }>,
  to: Outcomes,
): void {
  const { a } = c;
  const subject = subjectOf(c, p, expr.subject);
  emitUnlessRefused(c, expr.subject, subject, to);
  if (subject.kind === "absent" || expr.values.length === 0) {
    if (subject.kind === "entry") emitReady(c, subject.k, { ...to, no: to.no });
    a.goto(to.no);
    return;
  }
  if (subject.kind === "unknown") {
    a.goto(to.unreadable);
    return;
  }
  if (subject.kind === "static") {
    a.goto(expr.values.some((v) => staticTest("==", subject.bytes, v)) ? to.yes : to.no);
    return;
  }
  const meant = { same: to.yes, different: to.no };
  const no =
    (isFileTest(expr) && subject.kind === "entry"
      ? emitIsMeant(c, subject.k, expr, meant)
      : undefined) ?? to.no;
  if (expr.values.length > MAX_COMPARED_VALUES) {
    emitAutomaton(c, subject, literalsAutomaton(c.tables, expr.values), { ...to, no });
    return;
  }
  const nth = expr.subject.kind === "pathOf" ? fileNumber(p, expr.subject.index) : undefined;
  expr.values.forEach((value, i) => {
    const next = i === expr.values.length - 1 ? no : a.newLabel("next_value");
    const files = nth === undefined ? undefined : emitSameFile(c, nth, value, to.yes, next);
    emitTest(c, subject, "==", value, { ...to, no: files ?? next });
    if (next !== no) a.label(next);
  });
}

type LiveSubject = Extract<Subject, { kind: "entry" | "comm" }>;

function emitTest(
  c: Context,
  subject: LiveSubject,
  op: StringOp,
  pattern: Uint8Array,
  to: Outcomes,
): void {
  switch (op) {
    case "==":
      emitEquals(c, subject, pattern, to.yes, to.no, to);
      return;
    case "!=":
      emitEquals(c, subject, pattern, to.no, to.yes, to);
      return;
    case "startswith":
      emitPrefix(c, subject, pattern, to);
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
  emitAutomaton(c, subject, automatonOf(c.tables, op, pattern), to);
}

/** Jumps away unless the text is there: NULL makes an atom false, the rest is unreadable. */
function emitReady(c: Context, k: number, to: Outcomes): void {
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
  if (pattern.length > MAX_STRING || pattern.includes(0)) {
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
  a.jump("eq", R1, TailStatus.null, to.no).goto(to.unreadable);
  a.label(words);
  if (pattern.length === 0) {
    a.goto(same);
    return;
  }
  emitDifference(c, { base: at.base, offset: at.offset + TAIL_ENTRY_HEADER_SIZE }, pattern);
  a.jump("eq", R0, 0, same).goto(other);
}

function emitPrefix(c: Context, subject: LiveSubject, pattern: Uint8Array, to: Outcomes): void {
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
  emitReady(c, subject.k, to);
  if (pattern.length > MAX_STRING) {
    a.goto(to.no);
    return;
  }
  const at = entryPlace(c, subject.k);
  a.load("u32", R1, at.base, at.offset + 4).jump("lt", R1, pattern.length, to.no);
  emitDifference(c, { base: at.base, offset: at.offset + TAIL_ENTRY_HEADER_SIZE }, pattern);
  a.jump("eq", R0, 0, to.yes).goto(to.no);
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
function emitDifference(c: Context, at: Place, pattern: Uint8Array): void {
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

function emitAutomaton(
  c: Context,
  subject: LiveSubject,
  placed: ReturnType<typeof automatonOf>,
  to: Outcomes,
): void {
  const { a } = c;
  let length: Register | number;
  let text: Place;
  if (subject.kind === "comm") {
    text = { base: R9, offset: subject.offset };
    length = COMM_SIZE;
  } else {
    emitReady(c, subject.k, to);
    const at = entryPlace(c, subject.k);
    a.load("u32", R1, at.base, at.offset + 4).jump("gt", R1, MAX_STRING, to.unreadable);
    text = { base: at.base === R5 ? R5 : R9, offset: at.offset + TAIL_ENTRY_HEADER_SIZE };
    length = R1;
  }
  runAutomaton(c, text, length, placed, to.yes, to.no);
}
