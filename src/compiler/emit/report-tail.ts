/** The tail of a record that is reported: texts and numbers behind the fixed fields (see events/layout.ts). */
import { R0, R1, R2, R5, R9, R10 } from "../../bpf/asm/index.ts";
import {
  isStored,
  RecordOffset,
  type StoredSource,
  TAIL_CMDLINE,
  TAIL_CWD,
  TAIL_DIR,
  TAIL_ENTRY_HEADER_SIZE,
  TAIL_EXE,
  TAIL_MACRO,
  TAIL_PATH,
  TAIL_VALUE,
  TailStatus,
} from "../../events/layout.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import { VALUE_ENTRY_SIZE } from "../layout/area.ts";
import type { Candidate, TextSource } from "../plan/block.ts";
import type { ShownBytes } from "../plan/bytes.ts";
import { descriptorMacros } from "../plan/descriptors.ts";
import { placeOfContainer, type ReportedNumber, reportedNumbers } from "../plan/names.ts";
import type { FieldMacro } from "../plan/struct-field.ts";
import { isObject, isString, sourceKey } from "../plan/texts.ts";
import { loadCallerNumber } from "./caller-number.ts";
import type { Context } from "./context.ts";
import { emitFieldEntry } from "./field-entry.ts";
import { type EntryAddress, entryPlace, stringIndex } from "./place.ts";
import { emitEntrySize, emitStringRead } from "./strings.ts";
import { loadSource } from "./values.ts";

/** What is in the tail of a report. */
export interface TailParts {
  readonly strings: readonly TextSource[];
  readonly late: readonly TextSource[];
  readonly fields: readonly FieldMacro[];
  /** Buffers and lists of strings. */
  readonly bytes: readonly ShownBytes[];
}

/**
 * Gives the early strings the parameter numbers of this presentation and appends what is only reported. The end
 * of the record goes into the slot behind `tailEnd`.
 */
export function emitTail(
  c: Context,
  rule: CheckedRule,
  candidate: Candidate,
  { strings, late, bytes, fields }: TailParts,
  defer: string | undefined,
): void {
  const { a } = c;
  const { params } = candidate.presentation;
  if (c.tailEnd === undefined) {
    a.store("u32", R9, RecordOffset.tailCount, 0);
    return;
  }
  const known = [...bytes, ...descriptorMacros(rule, candidate.presentation)];
  const ids = new Map(known.map(({ source, id }) => [sourceKey(source), id]));
  const shown = new Set([...strings.map(sourceKey), ...ids.keys()]);
  const early = new Set<number>();
  c.block.strings.forEach((slot, k) => {
    const key = sourceKey(slot.source);
    const index = params.findIndex(
      (param, i) => isString(candidate.presentation, i + 1) && sourceKey(param.source) === key,
    );
    const macro = fields.find(({ kind, source }) => kind === "text" && sourceKey(source) === key);
    const at = entryPlace(c, k);
    const id = objectId(slot.source, rule) ?? ids.get(key) ?? macro?.id ?? index + 1;
    a.store("u16", at.base, at.offset, id);
    if (macro !== undefined) early.add(macro.id);
    if (defer !== undefined && (shown.has(key) || macro !== undefined)) deferUnread(c, at, defer);
  });
  a.load("u64", R1, R10, c.tailEnd).store("u64", R10, c.tailEnd + 8, R1);
  let entries = c.block.strings.length;
  const place = (): EntryAddress => {
    a.load("u64", R5, R10, (c.tailEnd as number) + 8).add(R5, R9);
    return { base: R5, offset: 0 };
  };
  const append = (source: TextSource, id: number): void => {
    emitStringRead(c, { source }, place);
    const at = place();
    a.store("u16", at.base, 0, id);
    if (defer !== undefined && !isObject(source)) deferUnread(c, at, defer);
    emitEntrySize(c, at);
    a.load("u64", R2, R10, (c.tailEnd as number) + 8).add(R1, R2);
    a.store("u64", R10, (c.tailEnd as number) + 8, R1);
    entries++;
  };
  params.forEach((param, i) => {
    const { source } = param;
    if (isString(candidate.presentation, i + 1)) {
      if (stringIndex(c, source) >= 0 || !shown.has(sourceKey(source))) return;
      append(source, i + 1);
    } else if (isStored(source)) {
      emitValueEntry(c, source, i + 1, place);
      entries++;
    }
  });
  for (const { source, id } of bytes) if (stringIndex(c, source) < 0) append(source, id);
  for (const source of late)
    if (stringIndex(c, source) < 0) append(source, objectId(source, rule) ?? 0);
  for (const macro of fields) {
    if (early.has(macro.id)) continue;
    if (macro.kind === "text") append(macro.source, macro.id);
    else {
      const end = (c.tailEnd as number) + 8;
      emitFieldEntry(c, candidate.presentation, macro, { place, end, defer });
      entries++;
    }
  }
  for (const number of reportedNumbers(rule)) {
    emitNumberEntry(c, number, place);
    entries++;
  }
  a.store("u32", R9, RecordOffset.tailCount, entries);
}

/** Tail ids of texts that are not parameters. */
function objectId(source: TextSource, rule: CheckedRule): number | undefined {
  if (source.kind === "container") {
    const place = placeOfContainer(rule);
    return place < 0 ? 0 : TAIL_MACRO + place;
  }
  if (source.kind === "exe") return TAIL_EXE;
  if (source.kind === "cwd") return TAIL_CWD;
  if (source.kind === "cmdline") return TAIL_CMDLINE;
  if (source.kind === "dir") return TAIL_DIR + source.nth;
  return source.kind === "path" ? TAIL_PATH + source.nth : undefined;
}

function deferUnread(c: Context, at: EntryAddress, defer: string): void {
  c.a.load("u16", R1, at.base, at.offset + 2).jump("eq", R1, TailStatus.unreadable, defer);
}

/** A number that does not come from a register. */
function emitValueEntry(
  c: Context,
  source: StoredSource,
  index: number,
  place: () => EntryAddress,
): void {
  const load = (unreadable: string): void => loadSource(c, source, unreadable);
  emitWordEntry(c, TAIL_VALUE + index, TailStatus.ok, load, place);
}

/** A number of the caller, where the log format shows it. */
function emitNumberEntry(c: Context, number: ReportedNumber, place: () => EntryAddress): void {
  const load = (unreadable: string): void => loadCallerNumber(c, number.name, unreadable);
  emitWordEntry(c, TAIL_MACRO + number.place, TailStatus.number, load, place);
}

/** Entry of the number that `load` leaves in r0. */
function emitWordEntry(
  c: Context,
  id: number,
  known: number,
  load: (unreadable: string) => void,
  place: () => EntryAddress,
): void {
  const { a } = c;
  const unreadable = a.newLabel("value_unreadable");
  const done = a.newLabel("value_read");
  const header = BigInt(id);
  const write = (status: number): void => {
    const at = place();
    a.loadImm(R1, header | (BigInt(status) << 16n) | (8n << 32n));
    a.store("u64", at.base, 0, R1).store("u64", at.base, TAIL_ENTRY_HEADER_SIZE, R0);
  };
  load(unreadable);
  write(known);
  a.goto(done).label(unreadable).mov(R0, 0);
  write(TailStatus.unreadable);
  a.label(done);
  a.load("u64", R1, R10, (c.tailEnd as number) + 8).add(R1, VALUE_ENTRY_SIZE);
  a.store("u64", R10, (c.tailEnd as number) + 8, R1);
}
