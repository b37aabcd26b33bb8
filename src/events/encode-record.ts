/**
 * Writes records as the kernel programs do. `sct test` formats the line of a call that never happened with it, and
 * the tests of the reader make their input with it.
 */

import type { CallView, StringRead } from "../language/call-view.ts";
import type { CheckedRule, IntVariable } from "../language/checked/index.ts";
import { readBufferStart, readSource, shownBuffers } from "../language/index.ts";
import type { PresentedParam } from "../language/vocabulary.ts";
import { isIntVariable, VARIABLES } from "../variables/index.ts";
import { encodeFiles } from "./encode-files.ts";
import { extraMacros, readExtraMacro } from "./extra-macros.ts";
import {
  COMM_SIZE,
  isStored,
  RECORD_HEADER_SIZE,
  RecordOffset,
  type StoredSource,
  TAIL_ENTRY_HEADER_SIZE,
  TAIL_MACRO,
  TAIL_VALUE,
  TailStatus,
  UNKNOWN_ID,
} from "./layout.ts";

export interface TailEntry {
  readonly id: number;
  readonly status: number;
  readonly bytes: Uint8Array;
}

type NumberField = Exclude<
  keyof typeof RecordOffset,
  "comm" | "pcomm" | "args" | "tailCount" | "tail"
>;

export interface RecordFields extends Partial<Readonly<Record<NumberField, number | bigint>>> {
  readonly comm?: Uint8Array;
  readonly pcomm?: Uint8Array;
  readonly args?: readonly bigint[];
  readonly tail?: readonly TailEntry[];
}

const WIDE_FIELDS: ReadonlySet<string> = new Set(["seq", "time", "duration", "retval"]);

export function encodeRecord(fields: RecordFields): Uint8Array {
  const { comm, pcomm, args = [], tail = [], ...numbers } = fields;
  const size = tail.reduce<number>((sum, entry) => sum + entrySize(entry), RECORD_HEADER_SIZE);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries<number | bigint | undefined>(numbers)) {
    if (value === undefined) continue;
    const at = RecordOffset[name as NumberField];
    if (WIDE_FIELDS.has(name)) view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
    else view.setUint32(at, Number(BigInt.asUintN(32, BigInt(value))), true);
  }
  if (comm !== undefined) bytes.set(comm.subarray(0, COMM_SIZE), RecordOffset.comm);
  if (pcomm !== undefined) bytes.set(pcomm.subarray(0, COMM_SIZE), RecordOffset.pcomm);
  for (const [i, value] of args.entries()) {
    view.setBigUint64(RecordOffset.args + i * 8, BigInt.asUintN(64, value), true);
  }
  view.setUint32(RecordOffset.tailCount, tail.length, true);
  let at: number = RECORD_HEADER_SIZE;
  for (const entry of tail) {
    view.setUint16(at, entry.id, true);
    view.setUint16(at + 2, entry.status, true);
    view.setUint32(at + 4, entry.bytes.length, true);
    bytes.set(entry.bytes, at + TAIL_ENTRY_HEADER_SIZE);
    at += entrySize(entry);
  }
  return bytes;
}

function entrySize({ bytes }: TailEntry): number {
  return TAIL_ENTRY_HEADER_SIZE + Math.ceil(bytes.length / 8) * 8;
}

/** What the call itself does not know. */
export interface RecordHead {
  readonly site: number;
  readonly seq: number | bigint;
  readonly time: bigint;
  readonly duration?: bigint;
  readonly flags?: number;
}

const ID_FIELDS: readonly (readonly [NumberField, IntVariable])[] = VARIABLES.flatMap(
  ([name, { record }]) =>
    record.in === "id" && isIntVariable(name) ? [[record.field, name] as const] : [],
);

/** The record that an engine would have written about the call, for this rule. */
export function encodeCall(view: CallView, head: RecordHead, rule?: CheckedRule): Uint8Array {
  const { site, seq, time, flags = 0 } = head;
  const duration = head.duration ?? view.intVariable("DURATION") ?? 0n;
  const numbers: Partial<Record<NumberField, number | bigint>> = {
    site,
    seq,
    time,
    duration,
    flags,
  };
  for (const [field, variable] of ID_FIELDS)
    numbers[field] = view.intVariable(variable) ?? UNKNOWN_ID;
  numbers.retval = view.intVariable("RETVAL") ?? 0n;
  const tail: TailEntry[] = [];
  const buffers = rule === undefined ? [] : shownBuffers(rule, view.presentation);
  for (const [i, param] of view.presentation.params.entries()) {
    const { source } = param;
    if (isStored(source)) tail.push(encodeValue(view, source, i + 1));
    if (source.kind !== "absent" && source.kind !== "unknown") {
      const text = buffers.includes(i + 1)
        ? encodeBuffer(view, i + 1)
        : encodeText(view, param, i + 1);
      if (text !== undefined) tail.push(text);
    }
  }
  if (rule !== undefined) tail.push(...encodeFiles(view));
  for (const [n, macro] of (rule === undefined ? [] : extraMacros(rule)).entries())
    tail.push({ id: TAIL_MACRO + n, ...readExtraMacro(view, macro) });
  return encodeRecord({
    ...numbers,
    comm: view.stringVariable("COMM")?.bytes ?? new Uint8Array(0),
    pcomm: view.stringVariable("PCOMM")?.bytes ?? new Uint8Array(0),
    args: Array.from({ length: 6 }, (_, i) => view.arg(i)),
    tail,
  });
}

function encodeValue(view: CallView, source: StoredSource, index: number): TailEntry {
  const id = TAIL_VALUE + index;
  const value = readSource(view, source);
  if (typeof value !== "bigint")
    return { id, status: TailStatus.unreadable, bytes: new Uint8Array(0) };
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return { id, status: TailStatus.ok, bytes };
}

function encodeBuffer(view: CallView, id: number): TailEntry {
  const read = readBufferStart(view, id);
  if (typeof read === "string") {
    const status = read === "absent" ? TailStatus.null : TailStatus.unreadable;
    return { id, status, bytes: new Uint8Array(0) };
  }
  return { id, status: read.truncated ? TailStatus.truncated : TailStatus.ok, bytes: read.bytes };
}

function encodeText(view: CallView, param: PresentedParam, id: number): TailEntry | undefined {
  const { kind } = param.type;
  if (kind !== "string" && kind !== "path") return undefined;
  const address = readSource(view, param.source);
  if (address === 0n) return { id, status: TailStatus.null, bytes: new Uint8Array(0) };
  const read: StringRead | undefined =
    typeof address === "bigint" ? view.readString(address) : undefined;
  if (read === undefined) return { id, status: TailStatus.unreadable, bytes: new Uint8Array(0) };
  return { id, status: read.truncated ? TailStatus.truncated : TailStatus.ok, bytes: read.bytes };
}
