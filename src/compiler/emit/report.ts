/** A match: completes the record, puts it into the ring, counts what became of it, and acts. */
import { R0, R1, R2, R3, R4, R7, R9, R10, type Register } from "../../bpf/asm/index.ts";
import { RECORD_HEADER_SIZE, RecordFlag, RecordOffset } from "../../events/layout.ts";
import {
  type CheckedAction,
  type CheckedRule,
  countOf,
  logs,
  makesEvents,
} from "../../language/checked/index.ts";
import { AreaOffset } from "../layout/area.ts";
import { MapName } from "../layout/map-names.ts";
import { acts } from "../plan/acts.ts";
import type { Candidate, PlannedRule } from "../plan/block.ts";
import { shownBytes } from "../plan/bytes.ts";
import { fieldMacros } from "../plan/struct-field.ts";
import { decides, emitAction, type RuleSlots } from "./action.ts";
import { emitCheckpoint } from "./checkpoint.ts";
import type { Context } from "./context.ts";
import { deferCounted, emitCount } from "./count.ts";
import { countAt } from "./counters.ts";
import { emitDispatch } from "./dispatch.ts";
import { emitDueOnce } from "./due.ts";
import { emitDuration, measures } from "./duration.ts";
import { ALL_GROUPS, fillFields } from "./fields.ts";
import { emitLimit } from "./limit.ts";
import { canBeRestart, emitIfSeen, emitIfStoppedBy } from "./pass.ts";
import { reportedLate, reportedTexts, reportShape } from "./report-shape.ts";
import { emitTail } from "./report-tail.ts";

/** One way in which a rule can match. */
interface Match {
  readonly planned: PlannedRule;
  readonly candidate: Candidate;
  /** Of the rule among its block's. */
  readonly position: number;
  /** The next rule, for a call that this one does not take. */
  readonly next: string;
  /** Emitted where a rule with a frequency has taken the call. */
  readonly onTaken: () => void;
}

/** Code that reports all matches of one shape. */
interface Report {
  readonly label: string;
  /** Where control goes afterwards. */
  readonly next: string;
  readonly matches: Match[];
  /** Some of them stand for many rules. */
  hasRows: boolean;
}

/** The row of the rule that has matched: a register, and offsets from it. */
interface MatchedRow {
  readonly base: Register;
  readonly rule: number;
  readonly position: number;
  readonly site: number;
}

/** Puts rules off to where the call is evaluated again. */
export interface Deferral {
  /** Label to put off the rule at this position and those behind it. */
  at(position: number): string;
  /** The same for the position in r1. */
  inR1(): string;
}

/**
 * Where a match leaves, in fields of the record that are not in use yet, what the report needs to know. In an area
 * these are numbers that the verifier knows nothing of, so it checks the code of a report once for all rules.
 */
const MatchField = {
  site: RecordOffset.site,
  decided: RecordOffset.flags,
  rule: RecordOffset.seq,
  position: RecordOffset.seq + 4,
} as const;

/** The reports of a block's rules. Rules that report alike share the code: each costs its filter and little more. */
export class Reports {
  readonly #c: Context;
  readonly #defer: Deferral | undefined;
  readonly #done: string;
  readonly #byShape = new Map<string, Report>();

  /** `done` is behind all rules. */
  constructor(c: Context, defer: Deferral | undefined, done: string) {
    this.#c = c;
    this.#defer = defer;
    this.#done = done;
  }

  /**
   * Emits the way to the report. `decided` is RecordFlag.unreadable when on_unreadable decided. `row` says which rule of many
   * it is, where that is known only when the program runs; `match` is one of them then.
   */
  match(match: Match, decided: number, next: string, row?: MatchedRow): void {
    const { a, block, stage } = this.#c;
    const { planned, candidate, position } = match;
    if (row === undefined) {
      emitSite(this.#c, candidate.siteIndex);
      a.store("u32", R9, MatchField.rule, planned.ruleIndex);
      a.store("u32", R9, MatchField.position, position);
    } else {
      a.load("u32", R1, row.base, row.rule).store("u32", R9, MatchField.rule, R1);
      a.load("u32", R1, row.base, row.position).store("u32", R9, MatchField.position, R1);
      a.load("u32", R1, row.base, row.site);
      emitSiteAt(this.#c, R1, block.firstSite);
    }
    if (stage === "exit" || stage === "hook") {
      // these see the text of the entry, unless it could only be read now
      a.load("u32", R1, R9, MatchField.decided).and(R1, RecordFlag.late).or(R1, decided);
      a.store("u32", R9, MatchField.decided, R1);
    } else {
      a.store("u32", R9, MatchField.decided, decided);
    }
    const own = this.#ownCount(match, decided);
    const shape = `${next};${own};${reportShape(block, planned.rule, candidate)}`;
    let report = this.#byShape.get(shape);
    if (report === undefined) {
      report = { label: a.newLabel("report"), next, matches: [], hasRows: false };
      this.#byShape.set(shape, report);
    }
    report.matches.push(match);
    report.hasRows ||= row !== undefined;
    a.goto(report.label);
  }

  /** What a rule counts is its own, and so is the way to the next one. */
  #ownCount({ planned, position }: Match, decided: number): string {
    if (planned.rule.frequency === undefined) return "";
    return this.#c.stage === "final" ? `${position} ${decided}` : `${position}`;
  }

  /** Emits the reports themselves, behind all rules. */
  emit(): void {
    const c = this.#c;
    const defer = this.#defer;
    const { a } = c;
    for (const { label, next, matches, hasRows } of this.#byShape.values()) {
      const [match] = matches as [Match, ...Match[]];
      const { planned } = match;
      const waits = defer !== undefined && waitsForText(c, planned.rule);
      const away = waits ? a.newLabel("put_off") : undefined;
      a.label(label);
      if (matches.length > 1) emitCheckpoint(c);
      emitReport(c, match, away, this.#done);
      a.goto(next);
      if (defer === undefined || away === undefined) continue;
      a.label(away).load("u32", R1, R9, MatchField.position);
      if (hasRows) {
        a.goto(defer.inR1());
        continue;
      }
      const positions = [...new Set(matches.map(({ position }) => position))];
      const cases = positions.map((value) => ({ value, label: defer.at(value) }));
      emitDispatch(a, R1, cases, next);
    }
  }
}

/** Clobbers r1. */
function emitSite(c: Context, siteIndex: number): void {
  const { a, block, sharedSite, firstSite } = c;
  if (sharedSite === undefined) {
    a.store("u32", R9, MatchField.site, firstSite + siteIndex);
    return;
  }
  if (sharedSite === "area") a.load("u32", R1, R9, AreaOffset.firstSite);
  else a.load("u64", R1, R10, sharedSite.slot);
  a.add(R1, siteIndex - block.firstSite).store("u32", R9, MatchField.site, R1);
}

/** The same for the number from the block's first site on in a register. Clobbers r2. */
function emitSiteAt(c: Context, register: Register, blockSite: number): void {
  const { a, sharedSite, firstSite } = c;
  if (sharedSite === undefined) a.add(register, firstSite + blockSite);
  else {
    if (sharedSite === "area") a.load("u32", R2, R9, AreaOffset.firstSite);
    else a.load("u64", R2, R10, sharedSite.slot);
    a.add(register, R2);
  }
  a.store("u32", R9, MatchField.site, register);
}

/**
 * Whether a match is put off until the text that its report shows is in memory. What a rule that only acts does must
 * not come later for that: it waits where hooks carry out its decision anyway.
 */
function waitsForText({ block: { enforcement } }: Context, rule: CheckedRule): boolean {
  if (logs(rule) || countOf(rule) !== undefined) return true;
  return enforcement !== undefined && !enforcement.modify;
}

/**
 * The report and the actions of a rule, or of others of its shape. Goes to `defer` instead (nothing done yet) when
 * text for the report is not in memory yet.
 */
function emitReport(
  c: Context,
  { planned, candidate, next, onTaken }: Match,
  defer: string | undefined,
  done: string,
): void {
  const { a } = c;
  const { rule } = planned;
  const filledBefore = new Set(c.filled);
  if (defer !== undefined) deferCounted(c, candidate, defer);
  const late = reportedLate(c.block, rule, candidate);
  const { presentation } = candidate;
  const fields = fieldMacros(rule, presentation);
  const bytes = shownBytes(rule, presentation);
  const strings = reportedTexts(rule, candidate);
  const hasEvents = makesEvents(rule);
  if (hasEvents) emitTail(c, rule, candidate, { strings, late, bytes, fields }, defer);
  c.stack.with(2, (index) => {
    const slots = { index, position: index + 8 };
    a.load("u32", R1, R9, MatchField.rule).store("u64", R10, slots.index, R1);
    a.load("u32", R1, R9, MatchField.position).store("u64", R10, slots.position, R1);
    // not earlier: a rule that waits for text matches the same call once more
    if (rule.frequency !== undefined) {
      emitDueOnce(c, planned, next);
      onTaken();
    }
    const again = a.newLabel("again");
    const first = a.newLabel("first_time");
    const proceeds = a.newLabel("proceeds");
    const end = a.newLabel("reported");
    const stop = rule.actions.findIndex(({ type }) => type === "SUSPEND");
    const upToStop = stop < 0 ? rule.actions : rule.actions.slice(0, stop + 1);
    const behindStop = rule.actions.slice(upToStop.length);
    if (canBeRestart(c)) {
      emitIfSeen(c, planned, slots.position, again);
      a.goto(first).label(again);
      // a decision is one for each time that the call is made
      emitActions(c, rule, upToStop.filter(isDecision), slots, done);
      // the others behind the stop are done when the call continues from it, and not from that of a later rule
      if (stop >= 0) emitIfStoppedBy(c, slots.position, proceeds);
      emitActions(c, rule, behindStop.filter(isDecision), slots, done);
      a.goto(end).label(first);
    }
    const readable = a.newLabel("readable");
    a.load("u32", R1, R9, MatchField.decided).and(R1, RecordFlag.unreadable);
    a.jump("eq", R1, 0, readable);
    countAt(c, index, "unreadable");
    a.label(readable);
    emitCount(c, rule, candidate, index);
    // without a LOG action nothing says when: before anything else happens to the process
    if (!hasEvents) countAt(c, index, "counted");
    else if (!logs(rule)) emitRecord(c, rule, index);
    emitActions(c, rule, upToStop, slots, done);
    a.label(proceeds);
    emitActions(c, rule, behindStop, slots, done);
    a.label(end);
  });
  // what was filled on this branch only is not filled on the others
  c.filled.clear();
  for (const group of filledBefore) c.filled.add(group);
}

function isDecision({ type }: CheckedAction): boolean {
  return type === "FAIL" || type === "KILL";
}

/** Some of the rule's actions. */
function emitActions(
  c: Context,
  rule: CheckedRule,
  actions: readonly CheckedAction[],
  slots: RuleSlots,
  done: string,
): void {
  for (const action of actions) {
    if (action.type === "LOG") {
      // several LOG actions share one record: each has its own line
      if (action === rule.actions.find(({ type }) => type === "LOG"))
        emitRecord(c, rule, slots.index);
    } else if (action.type !== "REWRITE" && action.type !== "COUNT")
      emitAction(c, action, slots, done);
  }
}

/** `index`: stack slot of the rule's index. */
function emitRecord(c: Context, rule: CheckedRule, index: number): void {
  const { a } = c;
  const over = a.newLabel("over_limit");
  const done = a.newLabel("reported");
  // not earlier: for each load of a pointer the verifier searches all types of the kernel (0.3 ms), and behind the
  // jumps above it knows from the first rule of this shape that the others are all right
  fillFields(c, ALL_GROUPS);
  if (rule.limit !== undefined) emitLimit(c, index, rule.limit, over);
  if (c.stage === "late") addFlag(c, RecordFlag.late);
  if (acts(rule)) {
    const isInit = a.newLabel("process_1");
    // it cannot be stopped, and makes its call
    if (!rule.actions.some(isDecision))
      a.load("u32", R1, R7, c.facts.task.tgid).jump("eq", R1, 1, isInit);
    addFlag(c, decides(c) ? RecordFlag.callSkipped : RecordFlag.callDone);
    a.label(isInit);
  }
  emitTimes(c);
  a.loadMapValue(R1, MapName.sequence).mov(R2, 1).atomicFetch("add", "u64", R1, 0, R2);
  a.add(R2, 1).store("u64", R9, RecordOffset.seq, R2);
  a.loadMap(R1, MapName.events).mov(R2, R9);
  if (c.tailEnd === undefined) a.mov(R3, RECORD_HEADER_SIZE);
  else a.load("u64", R3, R10, c.tailEnd + 8);
  a.mov(R4, 0).call("bpf_ringbuf_output");
  const dropped = a.newLabel("dropped");
  a.jump("ne", R0, 0, dropped);
  countAt(c, index, "delivered");
  a.goto(done);
  a.label(dropped);
  countAt(c, index, "dropped");
  if (rule.limit !== undefined) {
    a.goto(done).label(over);
    countAt(c, index, "limited");
  }
  a.label(done);
}

function addFlag({ a }: Context, flag: number): void {
  a.load("u32", R1, R9, RecordOffset.flags).or(R1, flag);
  a.store("u32", R9, RecordOffset.flags, R1);
}

function emitTimes(c: Context): void {
  const { a } = c;
  // what rules have looked at is what the event shows
  if (c.stage === "exit" && measures(c.block)) return;
  if (c.stage === "exit") {
    emitDuration(a);
    return;
  }
  if (c.stage === "late" || c.stage === "hook") {
    // the call began then; that it is reported now is what the flag says
    a.load("u64", R1, R9, AreaOffset.entryTime).store("u64", R9, RecordOffset.time, R1);
  } else {
    a.call("bpf_ktime_get_boot_ns").store("u64", R9, RecordOffset.time, R0);
  }
  if (c.stage !== "final") {
    a.store("u64", R9, RecordOffset.duration, 0).store("u64", R9, RecordOffset.retval, 0);
  }
}
