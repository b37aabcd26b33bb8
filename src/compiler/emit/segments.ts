/**
 * Which rules of a block are tested together: neighbours that differ in constants alone, also where rules of several such shapes
 * alternate. All others are code of their own.
 */
import { onceForEach } from "../../base/once-for-each.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import { fileNumber } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { isFoundAnywhere, LinearPatterns } from "../dfa/linear-patterns.ts";
import { buildSparse, type SparseAutomaton } from "../dfa/sparse.ts";
import { IDENTITIES } from "../layout/area.ts";
import type { RowWords } from "../layout/group-lists.ts";
import { type GroupTable, NO_FILE, rowSize, type TableRow } from "../layout/groups.ts";
import { keyOf } from "../layout/other-names.ts";
import { type FilterParts, isWholeArgument, partsOf } from "../plan/alike.ts";
import type { Candidate, PlannedRule } from "../plan/block.ts";
import { kindOf } from "../plan/kinds.ts";
import { canBeUnreadable } from "../plan/unreadable.ts";
import type { Context } from "./context.ts";
import { bitsOf, testSetsOf } from "./meanings.ts";
import { reportShape } from "./report-shape.ts";
import { subjectOf } from "./string-tests.ts";

export interface SegmentMember {
  readonly planned: PlannedRule;
  readonly candidate: Candidate;
  /** Among the rules of the block. */
  readonly position: number;
  readonly parts: FilterParts;
}

/** Rules of one shape, and where their tables are. */
export interface Group {
  /** In their order. */
  readonly members: readonly [SegmentMember, ...SegmentMember[]];
  /** What calls have of the text that they look at. "absent": none of the rules matches; "unknown": nobody knows which. */
  readonly text: "none" | "absent" | "unknown" | "entry";
  /** The file of the call that rows name by its numbers, too. */
  readonly file: number | undefined;
  /** Place of the state in which the automaton of their patterns starts; undefined: they look at no text. */
  readonly start: number | undefined;
  /** Place of the row before the first: they count from 1. */
  readonly rows: number;
  /** Place of the list of rows that have all that rules compare besides texts: where these are open, a rule counts once. */
  readonly all: number;
  /** Place of the list of all rows, of rules that name files. */
  readonly named: number;
}

export interface Bundle {
  readonly first: number;
  /** Behind the last. */
  readonly end: number;
  readonly groups: readonly Group[];
}

export type Segment = { readonly position: number; readonly planned: PlannedRule } | Bundle;

const known = new WeakMap<GroupTable, Map<readonly PlannedRule[], readonly Segment[]>>();

export function rulesTogether(c: Context, rules: readonly PlannedRule[]): readonly Segment[] {
  const ofTable = known.get(c.groups) ?? new Map<readonly PlannedRule[], readonly Segment[]>();
  known.set(c.groups, ofTable);
  let segments = ofTable.get(rules);
  if (segments === undefined) {
    segments = divide(c, rules);
    ofTable.set(rules, segments);
  }
  return segments;
}

function divide(c: Context, rules: readonly PlannedRule[]): readonly Segment[] {
  const least = c.groupsFrom;
  const alone = (planned: PlannedRule, position: number): Segment => ({ planned, position });
  if (rules.length < least) return rules.map(alone);
  const shapeOf = new Map<string, string | undefined>();
  const shapes = rules.map((planned, position): Shaped | undefined => {
    const [candidate] = planned.candidates;
    const member = candidate && memberOf(planned, candidate, position);
    if (member === undefined) return undefined;
    const kind = kindOf(planned.rule, member.candidate);
    if (!shapeOf.has(kind)) shapeOf.set(kind, shapeOfMember(c, member));
    const shape = shapeOf.get(kind);
    return shape === undefined ? undefined : { ...member, shape };
  });
  // a shape that is rare among its neighbours divides them, which can make others rare
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const { first, end } of runsOf(shapes)) {
      for (const members of groupsOf(shapes.slice(first, end))) {
        if (members.length >= least && canBePlaced(c, members)) continue;
        const parts = members.length < least ? [] : partsThatFit(members);
        for (const { position } of members) shapes[position] = undefined;
        parts.forEach((part, i) => {
          for (const member of part)
            shapes[member.position] = { ...member, shape: `${member.shape}/${i}` };
        });
        isChanged = true;
      }
    }
  }
  const segments: Segment[] = [];
  let at = 0;
  for (const { first, end } of runsOf(shapes)) {
    for (; at < first; at++) segments.push(alone(rules[at] as PlannedRule, at));
    const groups = groupsOf(shapes.slice(first, end)).map((members) => placeGroup(c, members));
    segments.push({ first, end, groups });
    at = end;
  }
  for (; at < rules.length; at++) segments.push(alone(rules[at] as PlannedRule, at));
  return segments;
}

interface Shaped extends SegmentMember {
  readonly shape: string;
}

/**
 * Where one automaton is too large: those that have none are left out. Patterns that can be found anywhere multiply each other's
 * states, since a text can have any of them, so they are a part of their own.
 */
function partsThatFit(members: readonly Shaped[]): readonly (readonly Shaped[])[] {
  const fitting = members.filter(({ parts }) => addPatterns(new LinearPatterns(), parts, [0]));
  if (fitting.length < members.length) return [fitting];
  const floats = ({ parts }: Shaped): boolean =>
    parts.patterns.some(({ op, pattern }) => isFoundAnywhere(op, pattern));
  const anywhere = members.filter(floats);
  if (anywhere.length === 0 || anywhere.length === members.length) return [];
  return [members.filter((member) => !floats(member)), anywhere];
}

/** All of them count a text that nobody can read: so those behind the rule that ends the search must not be asked. */
function countsUnreadable({ planned, parts }: Shaped): boolean {
  return planned.rule.onUnreadable === "skip" && parts.subject !== undefined;
}

/** Whether neighbours may be searched in another order than theirs. */
function mayMix(a: Shaped, b: Shaped): boolean {
  return a.shape === b.shape || !(countsUnreadable(a) || countsUnreadable(b));
}

function runsOf(shapes: readonly (Shaped | undefined)[]): { first: number; end: number }[] {
  const runs: { first: number; end: number }[] = [];
  for (const [position, shape] of shapes.entries()) {
    if (shape === undefined) continue;
    const last = runs.at(-1);
    const before = shapes[position - 1];
    if (last?.end === position && before !== undefined && mayMix(before, shape)) last.end++;
    else runs.push({ first: position, end: position + 1 });
  }
  return runs;
}

type Members = Group["members"];

function groupsOf(
  members: readonly (Shaped | undefined)[],
): readonly (readonly [Shaped, ...Shaped[]])[] {
  const groups = new Map<string, [Shaped, ...Shaped[]]>();
  for (const member of members) {
    if (member === undefined) continue;
    const group = groups.get(member.shape);
    if (group === undefined) groups.set(member.shape, [member]);
    else group.push(member);
  }
  return [...groups.values()];
}

/** Place of the state in which the automaton of their patterns starts; undefined: it is too large. */
function placePatterns({ groups }: Context, members: Members): number | undefined {
  return groups.placeAutomaton(
    members.map(({ parts }) => parts),
    wordsOf(members),
    () => buildAutomaton(members),
  );
}

/** What something must equal. */
function wordsOf(members: Members): RowWords {
  const count = equalWords(members[0].parts);
  return members.flatMap(({ parts }) =>
    rowsOf(parts).map(({ words }) => (words.length === count ? words : words.slice(0, count))),
  );
}

/** Those of the first file that each rule names: all, of other rules. */
function firstRows(members: Members): number[] {
  let count = 0;
  return members.flatMap(({ parts }) => {
    const first = parts.rows.map((_, i) => count + i);
    count += rowsOf(parts).length;
    return first;
  });
}

interface Row {
  readonly words: readonly bigint[];
  /** The file that it is for. */
  readonly path?: Uint8Array;
}

/** Of a rule, in the order in which its rows stand. */
function rowsOf({ namesFile, patterns, rows }: FilterParts): readonly Row[] {
  if (!namesFile) return rows.map((words) => ({ words }));
  return patterns.flatMap(({ pattern }) => rows.map((words) => ({ words, path: pattern })));
}

/** Words of a row for what something must equal; those of ranges follow. */
export function equalWords({ rows, ranges }: FilterParts): number {
  return (rows[0]?.length ?? 0) - 2 * ranges;
}

function canBePlaced(c: Context, members: Members): boolean {
  return textOf(c, members[0]) !== "entry" || placePatterns(c, members) !== undefined;
}

function textOf(c: Context, { candidate, parts: { subject } }: SegmentMember): Group["text"] {
  if (subject === undefined) return "none";
  const { kind } = subjectOf(c, candidate.presentation, subject);
  return kind === "absent" || kind === "unknown" ? kind : "entry";
}

function placeGroup(c: Context, members: Members): Group {
  const { block, groups } = c;
  const text = textOf(c, members[0]);
  const bits = bitsOfText(c, members[0]);
  const file = fileOf(members[0]);
  const placeOf = (path: Uint8Array | undefined): number =>
    (file === undefined || path === undefined ? undefined : c.identities.place(path)) ?? NO_FILE;
  const rows = members.flatMap(({ planned, candidate, position, parts }) =>
    rowsOf(parts).map(
      ({ words, path }): TableRow => ({
        ...{ position, words, rule: planned.ruleIndex, file: placeOf(path) },
        bit: (parts.fileTest && bits?.get(keyOf(parts.fileTest))) ?? 0,
        site: candidate.siteIndex - block.firstSite,
      }),
    ),
  );
  const words = wordsOf(members);
  const size = rowSize(rows[0]?.words.length ?? 0);
  return {
    members,
    text,
    file,
    start: text === "entry" ? placePatterns(c, members) : undefined,
    rows: groups.placeRows(rows) - size,
    all: groups.placeList(words, firstRows(members)),
    named: file === undefined ? 0 : groups.placeList(words, [...rows.keys()]),
  };
}

/** Which file of the call rules name, if its numbers are known. */
function fileOf({ candidate, parts }: SegmentMember): number | undefined {
  const { subject, namesFile } = parts;
  if (!namesFile || subject?.kind !== "pathOf") return undefined;
  const nth = fileNumber(candidate.presentation, subject.index) ?? IDENTITIES;
  return nth < IDENTITIES ? nth : undefined;
}

function bitsOfText(c: Context, { candidate, parts }: SegmentMember) {
  if (parts.fileTest === undefined) return undefined;
  const subject = subjectOf(c, candidate.presentation, parts.fileTest.subject);
  const tests = subject.kind === "entry" ? testSetsOf(c.block).get(subject.k) : undefined;
  return tests && bitsOf(tests);
}

/** Its lists have the numbers of the rows of the rules. Undefined if it is too large. */
function buildAutomaton(members: Members): SparseAutomaton | undefined {
  const linear = new LinearPatterns();
  let count = 0;
  for (const { parts } of members) {
    const numbers = rowsOf(parts).map(() => count++);
    if (!addPatterns(linear, parts, numbers)) return undefined;
  }
  return buildSparse(linear);
}

function addPatterns(
  linear: LinearPatterns,
  { patterns, namesFile, rows }: FilterParts,
  numbers: readonly number[],
): boolean {
  const size = rows.length;
  return patterns.every(({ op, pattern }, i) =>
    linear.add(op, pattern, namesFile ? numbers.slice(i * size, (i + 1) * size) : numbers),
  );
}

/** Undefined for a rule that is tested by itself, whatever others are. */
function memberOf(
  planned: PlannedRule,
  candidate: Candidate,
  position: number,
): SegmentMember | undefined {
  const { filter } = candidate.target;
  if (planned.candidates.length > 1 || filter === undefined) return undefined;
  const parts = partsOf(filter);
  const { subject, patterns, rows } = parts;
  const words = rows[0]?.length;
  if (words === undefined) return undefined;
  if (subject === undefined ? words === 0 : patterns.length === 0) return undefined;
  return { planned, candidate, position, parts };
}

/** Equal for rules that share code; undefined for kinds that do not. */
function shapeOfMember(
  c: Context,
  { planned, candidate, parts }: SegmentMember,
): string | undefined {
  const { rule } = planned;
  const { presentation } = candidate;
  if (!isPlain(rule) || presentation.guards.some(readsMemory)) return undefined;
  const { subject, compared } = parts;
  if (subject !== undefined) {
    const found = subjectOf(c, presentation, subject);
    if (found.kind === "static" || found.kind === "comm") return undefined;
    const isData = found.kind === "entry" && found.isData === true;
    if (isData && !isWholeArgument(subject, parts.patterns)) return undefined;
  }
  // a comparison with a constant reads what its other side does
  for (const { kind, expr } of compared)
    if (
      kind !== "name" &&
      canBeUnreadable({ kind: "truth", operand: expr, span: expr.span }, presentation)
    )
      return undefined;
  const report = reportShape(c.block, rule, candidate);
  return [parts.shape, rule.onUnreadable, presentationKey(presentation), report].join(" ");
}

/** Each match is taken, nothing follows behind it, and it is all the same whether the call is made again. */
function isPlain(rule: CheckedRule): boolean {
  if (rule.continue || rule.frequency !== undefined) return false;
  return rule.actions.every(({ type }) => type !== "SUSPEND");
}

function readsMemory({ source }: Presentation["guards"][number]): boolean {
  return source.kind !== "arg" && source.kind !== "constant" && source.kind !== "absent";
}

const presentationKey = onceForEach((presentation: Presentation): string =>
  JSON.stringify(presentation, (_, value) => (typeof value === "bigint" ? `${value}n` : value)),
);
