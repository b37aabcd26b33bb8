/**
 * Tests of text against constants. Equality and prefixes compare 8 bytes at a time and join the differences, so
 * that a test costs the verifier one branch however long the text is; all else runs an automaton.
 */

import { R0, R1, R2, R3, R4, R5, R9 } from "../../bpf/asm/index.ts";
import { RecordOffset, TailStatus } from "../../events/layout.ts";
import { type BoolExpr, MAX_STRING, type StringExpr } from "../../language/checked/index.ts";
import { factsOf, fileNumber, isFileTest, isNegative } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { variable } from "../../variables/index.ts";
import { IDENTITIES, identityOffset } from "../layout/area.ts";
import { IDENTITIES_OF_PATH, IDENTITY_SIZE } from "../layout/identities.ts";
import { MapName } from "../layout/map-names.ts";
import { literalsAutomaton, staticTest, unionAutomaton } from "../layout/patterns.ts";
import { bufferSource, listSource } from "../plan/bytes.ts";
import { descriptorSource } from "../plan/descriptors.ts";
import { fieldPlace, fieldText } from "../plan/struct-field.ts";
import type { Aside, Context, Outcomes } from "./context.ts";
import {
  emitAutomaton,
  emitReady,
  emitTest,
  type LiveSubject,
  longestOf,
  type WhenCut,
  whenCut,
} from "./live-text.ts";
import { isMeant } from "./meanings.ts";
import type { AnyTest, UnionTest } from "./merge-tests.ts";
import { entryPlace, stringIndex } from "./place.ts";

/** More values than this in one `in (…)` become an automaton. */
const MAX_COMPARED_VALUES = 64;

/** What a test looks at. */
export type StringSubject =
  | LiveSubject
  /** Known when the program is made. */
  | { readonly kind: "static"; readonly bytes: Uint8Array }
  | { readonly kind: "absent" }
  /** There is some, and nobody knows it. */
  | { readonly kind: "unknown" };

export function subjectOf(c: Context, p: Presentation, expr: StringExpr): StringSubject {
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
      case "macro":
        return { kind: "entry", k: stringIndex(c, { kind: "container" }) };
      case "tail":
        return { kind: "entry", k: stringIndex(c, { kind: record.object }) };
      default:
        break;
    }
  }
  if (expr.kind === "bufferParam" || expr.kind === "argv" || expr.kind === "envp")
    return bytesSubject(c, p, expr);
  if (expr.kind === "fdText") {
    const source = descriptorSource(p, expr.index, expr.member);
    if (source === undefined) return { kind: "absent" };
    return source.fd.kind === "unknown"
      ? { kind: "unknown" }
      : { kind: "entry", k: stringIndex(c, source) };
  }
  if (expr.kind === "pathOf") {
    const nth = fileNumber(p, expr.index);
    if (nth === undefined) return { kind: "absent" };
    return { kind: "entry", k: stringIndex(c, { kind: "path", nth }) };
  }
  if (expr.kind === "stringField") return fieldSubject(c, p, expr);
  throw new Error(`${expr.kind} is refused before code is made`);
}

/** Rules of both moments can look at one member: each at the text of its own. */
function fieldSubject(
  c: Context,
  p: Presentation,
  { index, field }: { readonly index: number; readonly field: string },
): StringSubject {
  const { kind } = fieldPlace(p, index, field).pointer;
  if (kind === "absent" || kind === "unknown") return { kind };
  const [before, after] = [
    fieldText(p, index, field, "before"),
    fieldText(p, index, field, "after"),
  ];
  const k = stringIndex(c, c.stage === "exit" ? after : before);
  return { kind: "entry", k: k < 0 ? stringIndex(c, after) : k };
}

function bytesSubject(
  c: Context,
  p: Presentation,
  expr: Extract<StringExpr, { kind: "bufferParam" | "argv" | "envp" }>,
): StringSubject {
  const isOver = c.isAfter === true || c.stage === "exit";
  const source =
    expr.kind === "bufferParam" ? bufferSource(p, expr.index, isOver) : listSource(p, expr);
  if (source === undefined) return { kind: "absent" };
  if (source.kind === "unknown") return { kind: "unknown" };
  const isData = source.kind === "buffer" || source.kind === "list";
  return { kind: "entry", k: stringIndex(c, source), isData };
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
    const [same, different] = isPositive ? [to.yes, to.no] : [to.no, to.yes];
    const file = sameFile(c, p, expr, { same, different });
    const rest = { same, different: file?.label ?? different };
    const meant = isMeant(c, subject.k, expr, rest);
    const label = meant?.label ?? rest.different;
    const orMeant = isPositive ? { no: label } : { yes: label };
    emitTest(c, subject, expr.op, expr.pattern, { ...to, ...orMeant });
    meant?.emit();
    file?.emit();
  }
}

/** At its end, a call that has met no hook has no file: what such a test is stays open (see emitUnlessPathRefused). */
export function emitUnlessRefused(
  c: Context,
  expr: StringExpr,
  subject: StringSubject,
  to: Outcomes,
): void {
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

/** Several tests of one text, all at once where one automaton can hold them. */
export function emitAnyTest(
  c: Context,
  p: Presentation,
  { tests, isNegative: isNone }: AnyTest,
  to: Outcomes,
): void {
  const subject = subjectOf(c, p, tests[0].subject);
  emitUnlessRefused(c, tests[0].subject, subject, to);
  if (subject.kind === "absent") c.a.goto(to.no);
  else if (subject.kind === "unknown") c.a.goto(to.unreadable);
  else if (subject.kind === "static") {
    const holds = ({ op, pattern }: UnionTest): boolean => staticTest(op, subject.bytes, pattern);
    c.a.goto((isNone ? tests.every(holds) : tests.some(holds)) ? to.yes : to.no);
  } else {
    // where the text alone does not decide, the names of the file do
    const [open, decided] = isNone ? (["yes", "no"] as const) : (["no", "yes"] as const);
    const asides: Aside[] = [];
    for (const test of tests) {
      if (!isFileTest(test) || subject.kind !== "entry") continue;
      const different = asides[0]?.label ?? to[open];
      const meant = isMeant(c, subject.k, test, { same: to[decided], different });
      if (meant !== undefined) asides.unshift(meant);
    }
    emitUnion(c, subject, tests, { ...to, [open]: asides[0]?.label ?? to[open] }, open);
    for (const { emit } of asides) emit();
  }
}

/** `open` is the outcome that leaves it to the other tests. */
function emitUnion(
  c: Context,
  subject: LiveSubject,
  tests: readonly [UnionTest, ...UnionTest[]],
  to: Outcomes,
  open: "yes" | "no",
  cut = whenCut(tests),
): void {
  const [first, second, ...others] = tests;
  if (second === undefined) {
    const longest = typeof cut === "object" ? cut.longest : undefined;
    emitTest(c, subject, first.op, first.pattern, to, longest);
    return;
  }
  const placed = unionAutomaton(c.tables, tests);
  if (placed !== undefined) {
    emitAutomaton(c, subject, placed, to, cut);
    return;
  }
  const middle = tests.length >> 1;
  const next = c.a.newLabel("other_patterns");
  // what is open after the first half, the second may find
  const beginning = { ...to, [open]: next, ...(cut === "open" ? {} : { unreadable: next }) };
  emitUnion(c, subject, [first, ...tests.slice(1, middle)], beginning, open, cut);
  c.a.label(next);
  const rest = [second, ...others].slice(middle - 1) as [UnionTest, ...UnionTest[]];
  emitUnion(c, subject, rest, to, open, cut);
}

/** For PATH == and != a text that differs is not the last word: the file may be the same by another name. */
function sameFile(
  c: Context,
  p: Presentation,
  { op, subject, pattern }: Extract<BoolExpr, { kind: "stringTest" }>,
  to: { readonly same: string; readonly different: string },
): Aside | undefined {
  if (subject.kind !== "pathOf" || (op !== "==" && op !== "!=")) return undefined;
  return comparesFiles(c, fileNumber(p, subject.index) ?? IDENTITIES, pattern, to);
}

/** Nothing where the text names no file by itself. */
function comparesFiles(
  c: Context,
  nth: number,
  path: Uint8Array,
  { same, different }: { readonly same: string; readonly different: string },
): Aside | undefined {
  const { a } = c;
  const at = nth < IDENTITIES ? c.identities.place(path) : undefined;
  if (at === undefined) return undefined;
  const label = a.newLabel("compare_files");
  const emit = (): void => {
    a.label(label).loadMapValue(R1, MapName.identities, at);
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
    a.rsh(R0, 63).jump("eq", R0, 0, same).goto(different);
  };
  return { label, emit };
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
  const aside =
    isFileTest(expr) && subject.kind === "entry" ? isMeant(c, subject.k, expr, meant) : undefined;
  const no = aside?.label ?? to.no;
  if (expr.values.length > MAX_COMPARED_VALUES) {
    const isShort = expr.values.every(({ length }) => length <= MAX_STRING);
    const placed = literalsAutomaton(c.tables, expr.values);
    const cut: WhenCut = isShort ? { of: "values", longest: longestOf(expr.values) } : "open";
    emitAutomaton(c, subject, placed, { ...to, no }, cut);
    aside?.emit();
    return;
  }
  const nth = expr.subject.kind === "pathOf" ? fileNumber(p, expr.subject.index) : undefined;
  expr.values.forEach((value, i) => {
    const next = i === expr.values.length - 1 ? no : a.newLabel("next_value");
    const different = { same: to.yes, different: next };
    const file = nth === undefined ? undefined : comparesFiles(c, nth, value, different);
    emitTest(c, subject, "==", value, { ...to, no: file?.label ?? next });
    file?.emit();
    if (next !== no) a.label(next);
  });
  aside?.emit();
}
