/**
 * Tests rules that differ in constants alone, all at once: their patterns are one automaton, whose state lists the rules that may match,
 * and what they compare is in a row for each. The first rule in the order of the file that matches is found among all groups.
 */
import { R0, R1, R2, R3, R4, R5, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordFlag, TAIL_ENTRY_HEADER_SIZE } from "../../events/layout.ts";
import { type BoolExpr, MAX_STRING } from "../../language/checked/index.ts";
import { AreaOffset, identityOffset } from "../layout/area.ts";
import { HASH_FACTOR, HASH_SHIFT } from "../layout/group-lists.ts";
import { RowOffset, rowSize, STATE_SIZE, StateOffset } from "../layout/groups.ts";
import { identitiesLayout } from "../layout/identities.ts";
import { MapName } from "../layout/map-names.ts";
import { isWholeArgument } from "../plan/alike.ts";
import { SIGN } from "../plan/compared.ts";
import type { Context } from "./context.ts";
import { NO_POSITION, ScanSlot, scanRows, WalkSlot, walkText } from "./group-steps.ts";
import { emitInt } from "./ints.ts";
import { emitReady, emitUncut, longestOf } from "./live-text.ts";
import { entryPlace } from "./place.ts";
import type { Deferral, Reports } from "./report.ts";
import { type Bundle, equalWords, type Group } from "./segments.ts";
import { emitUnlessPathRefused, emitUnlessRefused, subjectOf } from "./string-tests.ts";
import { loadSource } from "./values.ts";

export interface BundleOutcomes {
  /** Behind the bundle. */
  readonly next: string;
  readonly done: string;
  readonly defer: Deferral | undefined;
  readonly reports: Reports;
  /** Emitted behind a match; the rule's row is at r0. */
  readonly verdict: ((unreadable: boolean) => void) | undefined;
}

/** Code of the bundle behind the label; `late` is entered where rules from the position in the area on are meant. */
export function emitBundle(
  c: Context,
  bundle: Bundle,
  labels: { readonly start: string; readonly late: string },
  outcomes: BundleOutcomes,
): void {
  const { a } = c;
  const words = Math.max(
    ...bundle.groups.map(({ members: [{ parts }] }) => equalWords(parts) + parts.ranges),
  );
  c.stack.with(ScanSlot.words / 8 + words, (slots) => {
    const begin = a.newLabel("bundle");
    a.at(undefined);
    if (c.hasArea) {
      a.goto(begin).label(labels.late);
      a.load("u32", R1, R9, AreaOffset.lateRule).store("u64", R10, slots + ScanSlot.from, R1);
      const from = a.newLabel("bundle_from");
      a.goto(from).label(begin).label(labels.start);
      a.store("u64", R10, slots + ScanSlot.from, 0).label(from);
    } else a.label(labels.start).store("u64", R10, slots + ScanSlot.from, 0);
    a.loadImm(R1, NO_POSITION).store("u64", R10, slots + ScanSlot.best, R1);
    a.store("u64", R10, slots + ScanSlot.row, 0);
    bundle.groups.forEach((group, i) => {
      if (group.text === "absent") return;
      emitGroup(c, group, i, slots, outcomes);
    });
    a.load("u64", R1, R10, slots + ScanSlot.row).jump("eq", R1, 0, outcomes.next);
    const most = Math.max(c.groups.size - rowSize(0), 0);
    a.jump("gt", R1, most, outcomes.next).loadMapValue(R0, MapName.groups).add(R0, R1);
    bundle.groups.forEach((group, i) => {
      if (group.text === "absent") return;
      emitMatches(c, group, i, slots, outcomes);
    });
    a.goto(outcomes.next);
  });
}

/** Looks for a rule of the group that matches and stands before all that were found. */
function emitGroup(
  c: Context,
  group: Group,
  number: number,
  slots: number,
  { defer }: BundleOutcomes,
): void {
  const { a } = c;
  const [{ planned, candidate, parts }] = group.members;
  const { presentation, target } = candidate;
  const other = a.newLabel("other_group");
  const file = a.newLabel("same_file");
  const meant = a.newLabel("meant_rows");
  const scan = a.newLabel("scan_rows");
  const all = a.newLabel("all_rows");
  const at = { list: slots + ScanSlot.list, group: slots + ScanSlot.group };
  a.at(target.span);
  for (const guard of presentation.guards) {
    if (guard.source.kind === "absent") continue;
    loadSource(c, guard.source, other);
    a.loadImm(R1, guard.mask).and(R0, R1).loadImm(R2, guard.value).jump("ne", R0, R2, other);
  }
  a.loadImm(R1, group.rows).store("u64", R10, slots + ScanSlot.rows, R1);
  const skips = defer === undefined && planned.rule.onUnreadable === "skip";
  a.store("u64", R10, slots + ScanSlot.skips, skips ? 1 : 0);
  emitWords(c, group, slots, other);
  a.store("u64", R10, at.group, number * 2);
  const [first, ...others] = parts.common;
  if (first !== undefined) {
    const filter = others.reduce(
      (left: BoolExpr, right): BoolExpr => ({ kind: "and", left, right, span: right.span }),
      first,
    );
    const [known, open] = [a.newLabel("common"), a.newLabel("common_open")];
    c.emitCondition(c, presentation, filter, { yes: known, no: other, unreadable: open });
    a.label(open);
    emitOpen(c, group, number, slots, other, defer);
    a.label(known);
  }
  if (group.text === "none") a.goto(all);
  else {
    if (group.text === "entry")
      emitWalk(c, group, at.list, { scan, other: meant, open: `${all}.open` });
    a.label(`${all}.open`);
    emitOpen(c, group, number, slots, other, defer);
  }
  a.label(all).loadImm(R1, group.all).store("u64", R10, at.list, R1);
  a.label(scan);
  const words = equalWords(parts);
  const shape = { words, ranges: parts.ranges };
  if (words > 0) emitChoice(c, slots, words, meant);
  scanRows(a, slots, shape);
  a.label(meant);
  emitMeant(c, group, slots, file, () => {
    if (words > 0) emitChoice(c, slots, words, file);
    scanRows(a, slots, { ...shape, by: "other name" });
  });
  a.label(file);
  emitSameFile(c, group, slots, other, () => {
    if (words > 0) emitChoice(c, slots, words, other);
    scanRows(a, slots, { ...shape, by: "file" });
  });
  a.label(other);
}

/** Where the file of the call may be one that rules name: looks at all rows, for those that name it. */
function emitSameFile(
  c: Context,
  group: Group,
  slots: number,
  none: string,
  scan: () => void,
): void {
  const { a } = c;
  if (group.file === undefined) return;
  const at = identityOffset(group.file);
  const { pairs, bits } = identitiesLayout(c.identities.paths.length);
  // whether an open text is that of the file, its numbers do not say either
  a.load("u64", R1, R10, slots + ScanSlot.group).jump("set", R1, 1, none);
  a.load("u64", R1, R9, at)
    .jump("eq", R1, 0, none)
    .load("u64", R3, R9, at + 8);
  a.loadImm(R2, HASH_FACTOR).mul(R1, R2).xor(R1, R3).mul(R1, R2).rsh(R1, HASH_SHIFT);
  a.mov(R2, R1)
    .and(R2, 7)
    .rsh(R1, 3)
    .and(R1, bits - 1);
  a.loadMapValue(R3, MapName.identities, pairs).add(R3, R1).load("u8", R1, R3, 0);
  a.rsh(R1, R2).jump("set", R1, 1, `${none}.file`).goto(none).label(`${none}.file`);
  a.mov(R1, R9)
    .add(R1, at)
    .store("u64", R10, slots + ScanSlot.bits, R1);
  a.loadImm(R1, group.named).store("u64", R10, slots + ScanSlot.list, R1);
  scan();
}

/** Where the text meets tests by other names of its file: looks at all rows, for those of such a test. */
function emitMeant(c: Context, group: Group, slots: number, none: string, scan: () => void): void {
  const { a } = c;
  const [{ candidate, parts }] = group.members;
  if (parts.fileTest === undefined) return;
  const subject = subjectOf(c, candidate.presentation, parts.fileTest.subject);
  const meaning = c.meanings.find(({ k }) => subject.kind === "entry" && k === subject.k);
  if (meaning === undefined) return;
  a.load("u64", R1, R10, meaning.slot).jump("eq", R1, 0, none);
  a.store("u64", R10, slots + ScanSlot.bits, R1);
  a.loadImm(R1, group.all).store("u64", R10, slots + ScanSlot.list, R1);
  scan();
}

/** From a choice of lists to the one for what is compared. Goes to `none` where no row compares that. */
function emitChoice({ a, groups }: Context, slots: number, words: number, none: string): void {
  a.loadImm(R2, HASH_FACTOR);
  for (let i = 0; i < words; i++) {
    a.load("u64", i === 0 ? R1 : R3, R10, slots + ScanSlot.words + i * 8);
    if (i > 0) a.xor(R1, R3);
    a.mul(R1, R2);
  }
  a.rsh(R1, HASH_SHIFT);
  const most = Math.max(groups.size - 4, 0);
  const intoTables = (): void => {
    a.jump("gt", R3, most, none).loadMapValue(R4, MapName.groups).add(R4, R3);
  };
  a.load("u64", R3, R10, slots + ScanSlot.list);
  intoTables();
  a.load("u32", R4, R4, 0).and(R1, R4).add(R1, 1).lsh(R1, 2).add(R3, R1);
  intoTables();
  a.load("u32", R1, R4, 0).jump("eq", R1, 0, none);
  a.store("u64", R10, slots + ScanSlot.list, R1);
}

/** What is compared is nobody's guess, so that only what is open remains so. Goes to `other` where no rule is meant. */
function emitOpen(
  c: Context,
  group: Group,
  number: number,
  slots: number,
  other: string,
  defer: Deferral | undefined,
): void {
  const [{ candidate }] = group.members;
  if (defer === undefined)
    emitUnlessPathRefused(c, candidate.presentation, candidate.target.filter, other);
  c.a.store("u64", R10, slots + ScanSlot.group, number * 2 + 1);
}

function emitWords(c: Context, group: Group, slots: number, missing: string): void {
  const { a } = c;
  const [{ candidate, parts }] = group.members;
  let at = slots + ScanSlot.words;
  for (const compared of parts.compared) {
    if (compared.kind !== "name") {
      emitInt(c, candidate.presentation, compared.expr, { missing, unreadable: missing });
      if (compared.kind === "range" && !compared.unsigned) a.loadImm(R1, SIGN).xor(R0, R1);
      a.store("u64", R10, at, R0);
      at += 8;
      continue;
    }
    const found = subjectOf(c, candidate.presentation, compared.expr);
    if (found.kind !== "comm") throw new Error("a name is a field of the record");
    for (const half of [0, 8])
      a.load("u64", R1, R9, found.offset + half).store("u64", R10, at + half, R1);
    at += 16;
  }
}

/** Finds the list of the rules whose patterns the text meets. */
function emitWalk(
  c: Context,
  group: Group,
  list: number,
  to: { readonly scan: string; readonly other: string; readonly open: string },
): void {
  const { a } = c;
  const [{ candidate, parts }] = group.members;
  const subject = parts.subject && subjectOf(c, candidate.presentation, parts.subject);
  if (parts.subject === undefined || subject?.kind !== "entry")
    throw new Error("a group without a text");
  const outcomes = { yes: to.scan, no: to.other, unreadable: to.open };
  emitUnlessRefused(c, parts.subject, subject, outcomes);
  if (isWholeArgument(parts.subject, parts.patterns))
    emitUncut(c, subject.k, longestPattern(group), outcomes);
  else emitReady(c, subject.k, outcomes);
  const at = entryPlace(c, subject.k);
  a.load("u32", R1, at.base, at.offset + 4);
  a.jump("gt", R1, MAX_STRING, to.open);
  c.stack.with(WalkSlot.count, (walk) => {
    a.store("u64", R10, walk + WalkSlot.length, R1);
    a.mov(R2, at.base === R5 ? R5 : R9).add(R2, at.offset + TAIL_ENTRY_HEADER_SIZE);
    a.store("u64", R10, walk + WalkSlot.text, R2);
    a.loadImm(R1, group.start ?? 0).store("u64", R10, walk + WalkSlot.state, R1);
    walkText(a, walk);
    a.load("u64", R1, R10, walk + WalkSlot.state);
  });
  const most = Math.max(c.groups.size - STATE_SIZE, 0);
  a.jump("gt", R1, most, to.other).loadMapValue(R2, MapName.groups).add(R2, R1);
  a.load("u32", R1, R2, StateOffset.list).jump("eq", R1, 0, to.other);
  a.store("u64", R10, list, R1).goto(to.scan);
}

/** Length in bytes. */
function longestPattern({ members }: Group): number {
  let longest = 0;
  for (const { parts } of members)
    longest = Math.max(longest, longestOf(parts.patterns.map(({ pattern }) => pattern)));
  return longest;
}

/** Leaves with the rule whose row is at r0, if it is one of the group. */
function emitMatches(
  c: Context,
  group: Group,
  number: number,
  slots: number,
  { next, done, defer, reports, verdict }: BundleOutcomes,
): void {
  const { a } = c;
  const [{ planned, candidate, position }] = group.members;
  const row = { base: R0, ...RowOffset } as const;
  // rules that do not take each match are none of a group
  const match = { planned, candidate, position, next, onTaken: () => {} };
  const other = a.newLabel("not_this_group");
  const matched = a.newLabel("matched");
  a.load("u64", R1, R10, slots + ScanSlot.bestGroup).jump("eq", R1, number * 2, matched);
  a.jump("ne", R1, number * 2 + 1, other);
  if (defer !== undefined) a.load("u32", R1, R0, RowOffset.position).goto(defer.inR1());
  else if (planned.rule.onUnreadable === "skip") a.goto(next);
  else {
    verdict?.(true);
    reports.match(match, RecordFlag.unreadable, done, row);
  }
  a.label(matched);
  verdict?.(false);
  reports.match(match, 0, done, row);
  a.label(other);
}
