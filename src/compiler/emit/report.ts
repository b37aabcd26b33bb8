/** A match: completes the record, puts it into the ring, counts what became of it, and acts. */
import { R0, R1, R2, R3, R4, R9, R10 } from "../../bpf/asm/index.ts";
import {
  RECORD_HEADER_SIZE,
  RecordFlag,
  RecordOffset,
  TAIL_CWD,
  TAIL_ENTRY_HEADER_SIZE,
  TAIL_EXE,
  TAIL_PATH,
  TAIL_VALUE,
  TailStatus,
} from "../../events/layout.ts";
import type { ValueSource } from "../../language/vocabulary.ts";
import { AreaOffset, VALUE_ENTRY_SIZE } from "../area.ts";
import { acts } from "../enforce.ts";
import {
  type Candidate,
  isString,
  objectNames,
  type PlannedRule,
  reportedStrings,
  sourceKey,
  type TextSource,
} from "../plan.ts";
import { decides, emitAction } from "./action.ts";
import { type Context, MapName } from "./context.ts";
import { count } from "./counters.ts";
import { ALL_GROUPS, fillFields } from "./fields.ts";
import { emitLimit } from "./limit.ts";
import { emitEntrySize, entryPlace, type Place, readString, stringIndex } from "./strings.ts";
import { loadSource } from "./values.ts";

/**
 * Emits the report and the actions of one rule. `decided` is RecordFlag.unreadable when on_unreadable decided.
 * Goes to `defer` instead (nothing done yet) when text for the line is not in memory yet.
 */
export function emitMatch(
  c: Context,
  planned: PlannedRule,
  candidate: Candidate,
  decided: number,
  defer: string | undefined,
): void {
  const { a } = c;
  const { rule, ruleIndex } = planned;
  const logs = rule.actions.some((action) => action.type === "LOG");
  const filledBefore = new Set(c.filled);
  if (logs) {
    fillFields(c, ALL_GROUPS);
    const strings = reportedStrings(rule, candidate.presentation);
    const names = objectNames(rule, candidate.target, candidate.presentation);
    emitTail(c, candidate, [...strings, ...names], defer);
  }
  count(c, ruleIndex, "matched");
  if (decided !== 0) count(c, ruleIndex, "unreadable");
  for (const action of rule.actions) {
    if (action.type === "LOG") {
      // several LOG actions share one record: each has its own line
      if (action === rule.actions.find((other) => other.type === "LOG"))
        emitRecord(c, planned, candidate, decided);
    } else if (action.type !== "REWRITE") emitAction(c, action);
  }
  // what was filled on this branch only is not filled on the others
  c.filled.clear();
  for (const group of filledBefore) c.filled.add(group);
}

function emitRecord(c: Context, planned: PlannedRule, candidate: Candidate, decided: number): void {
  const { a } = c;
  const { rule, ruleIndex } = planned;
  const over = a.newLabel("over_limit");
  const done = a.newLabel("reported");
  if (rule.limit !== undefined) emitLimit(c, ruleIndex, rule.limit, over);
  const flags =
    decided |
    (c.stage === "late" ? RecordFlag.late : 0) |
    (acts(rule) ? (decides(c) ? RecordFlag.callSkipped : RecordFlag.callDone) : 0);
  a.store("u32", R9, RecordOffset.site, candidate.siteIndex);
  emitFlags(c, flags);
  emitTimes(c);
  a.loadMapValue(R1, MapName.sequence).mov(R2, 1).atomicFetch("add", "u64", R1, 0, R2);
  a.add(R2, 1).store("u64", R9, RecordOffset.seq, R2);
  a.loadMap(R1, MapName.events).mov(R2, R9);
  if (c.tailEnd === undefined) a.mov(R3, RECORD_HEADER_SIZE);
  else a.load("u64", R3, R10, c.tailEnd + 8);
  a.mov(R4, 0).call("bpf_ringbuf_output");
  const dropped = a.newLabel("dropped");
  a.jump("ne", R0, 0, dropped);
  count(c, ruleIndex, "delivered");
  a.goto(done);
  a.label(dropped);
  count(c, ruleIndex, "dropped");
  if (rule.limit !== undefined) {
    a.goto(done).label(over);
    count(c, ruleIndex, "limited");
  }
  a.label(done);
}

function emitFlags(c: Context, flags: number): void {
  const { a } = c;
  if (c.stage !== "exit" && c.stage !== "hook") {
    a.store("u32", R9, RecordOffset.flags, flags);
    return;
  }
  // these see the text of the entry, unless it could only be read now
  a.load("u32", R1, R9, RecordOffset.flags).and(R1, RecordFlag.late).or(R1, flags);
  a.store("u32", R9, RecordOffset.flags, R1);
}

function emitTimes(c: Context): void {
  const { a } = c;
  if (c.stage === "late" || c.stage === "hook") {
    // the call began then; that it is reported now is what the flag says
    a.load("u64", R1, R9, AreaOffset.entryTime).store("u64", R9, RecordOffset.time, R1);
  } else {
    a.call("bpf_ktime_get_boot_ns").store("u64", R9, RecordOffset.time, R0);
  }
  if (c.stage === "exit") {
    a.load("u64", R1, R9, AreaOffset.entryTime).sub(R0, R1);
    a.store("u64", R9, RecordOffset.duration, R0);
  } else if (c.stage !== "final") {
    a.store("u64", R9, RecordOffset.duration, 0).store("u64", R9, RecordOffset.retval, 0);
  }
}

/**
 * Gives the early strings the parameter numbers of this presentation and appends what is only reported. The end
 * of the record goes into the slot behind `tailEnd`.
 */
function emitTail(
  c: Context,
  candidate: Candidate,
  strings: readonly TextSource[],
  defer: string | undefined,
): void {
  const { a } = c;
  const { params } = candidate.presentation;
  if (c.tailEnd === undefined) {
    a.store("u32", R9, RecordOffset.tailCount, 0);
    return;
  }
  const shown = new Set(strings.map(sourceKey));
  const early = c.block.strings;
  early.forEach((slot, k) => {
    const key = sourceKey(slot.source);
    const index = params.findIndex(
      (param, i) => isString(candidate.presentation, i + 1) && sourceKey(param.source) === key,
    );
    const at = entryPlace(c, k);
    a.store("u16", at.base, at.offset, objectId(slot.source) ?? index + 1);
    if (defer !== undefined && shown.has(key)) deferUnread(c, at, defer);
  });
  a.load("u64", R1, R10, c.tailEnd).store("u64", R10, c.tailEnd + 8, R1);
  let entries = early.length;
  const place = (): Place => {
    a.load("u64", R2, R10, (c.tailEnd as number) + 8).add(R2, R9);
    return { base: R2, offset: 0 };
  };
  params.forEach((param, i) => {
    const { source } = param;
    if (isString(candidate.presentation, i + 1)) {
      if (stringIndex(c, source) >= 0 || !shown.has(sourceKey(source))) return;
      readString(c, { source }, place);
      const at = place();
      a.store("u16", at.base, 0, i + 1);
      if (defer !== undefined) deferUnread(c, at, defer);
      emitEntrySize(c, at);
      a.load("u64", R2, R10, (c.tailEnd as number) + 8).add(R1, R2);
      a.store("u64", R10, (c.tailEnd as number) + 8, R1);
      entries++;
    } else if (source.kind === "memory") {
      emitValueEntry(c, source, i + 1, place);
      entries++;
    }
  });
  a.store("u32", R9, RecordOffset.tailCount, entries);
}

/** Tail ids of texts that are not parameters. */
function objectId(source: TextSource): number | undefined {
  if (source.kind === "exe") return TAIL_EXE;
  if (source.kind === "cwd") return TAIL_CWD;
  return source.kind === "path" ? TAIL_PATH + source.nth : undefined;
}

function deferUnread(c: Context, at: Place, defer: string): void {
  c.a.load("u16", R1, at.base, at.offset + 2).jump("eq", R1, TailStatus.unreadable, defer);
}

/** A number that does not come from a register. */
function emitValueEntry(
  c: Context,
  source: Extract<ValueSource, { kind: "memory" }>,
  index: number,
  place: () => Place,
): void {
  const { a } = c;
  const unreadable = a.newLabel("value_unreadable");
  const done = a.newLabel("value_read");
  const header = BigInt(TAIL_VALUE + index);
  const write = (status: number): void => {
    const at = place();
    a.loadImm(R1, header | (BigInt(status) << 16n) | (8n << 32n));
    a.store("u64", at.base, 0, R1).store("u64", at.base, TAIL_ENTRY_HEADER_SIZE, R0);
  };
  loadSource(c, source, unreadable);
  write(TailStatus.ok);
  a.goto(done).label(unreadable).mov(R0, 0);
  write(TailStatus.unreadable);
  a.label(done);
  a.load("u64", R1, R10, (c.tailEnd as number) + 8).add(R1, VALUE_ENTRY_SIZE);
  a.store("u64", R10, (c.tailEnd as number) + 8, R1);
}
