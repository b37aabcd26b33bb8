/** Numbers and strings of one call, as presented: where values come from in registers and memory. */
import { AF_INET, AF_INET6, MAX_RW_COUNT, PAGE_SIZE } from "../../base/linux-abi.ts";
import type { DescriptorNumber, DescriptorText } from "../../variables/index.ts";
import type { CallView, StringRead } from "../call-view.ts";
import { MAX_STRING, type StringExpr } from "../checked/index.ts";
import { fileParameters } from "../file-parameters.ts";
import { isOneOf } from "../fixed-parameter.ts";
import type {
  Fixed,
  Guard,
  ParamType,
  PresentedParam,
  StructField,
  ValueSource,
  Vocabulary,
} from "../vocabulary.ts";
import { type CutText, isCut } from "./cut-text.ts";
import { isLong, type LongText, MOST_HELD, readWhole } from "./long-text.ts";
import { addressOn, fromBytes, type Missing, plainAddress } from "./read-bytes.ts";
import { descriptorNumber, openFileAt, orMissing, peerAddress } from "./read-descriptor.ts";
import { isVector, readVectorLength, readVectorText } from "./read-vector.ts";

/** What the evaluator needs to know of structs. */
export type Structs = Pick<Vocabulary, "structField">;

export type { Missing };

function extend(value: bigint, { size, signed }: ParamType): bigint {
  return signed ? BigInt.asIntN(size * 8, value) : BigInt.asUintN(size * 8, value);
}

/** The bits of a source, not yet extended. */
export function readSource(call: CallView, source: ValueSource): bigint | Missing {
  switch (source.kind) {
    case "arg":
      return call.arg(source.index);
    case "constant":
      return source.value;
    case "absent":
      return "absent";
    case "unknown":
      return "unreadable";
    case "process":
      return call.processOf?.(call.arg(source.arg)) ?? "unreadable";
    case "memory": {
      if (source.isTimespec === true) return readMilliseconds(call, source);
      if (isVector(source) && source.vector.holds === "length")
        return readVectorLength(call, source);
      const at = addressOn(call, call.arg(source.pointerArg) + BigInt(source.offset));
      const bytes = call.readMemory(at, source.size);
      return bytes ? fromBytes(bytes) : "unreadable";
    }
  }
}

const NS_PER_MS = 1_000_000n;

/** Rounded up, as the kernel waits. */
function readMilliseconds(
  call: CallView,
  { pointerArg, size }: Extract<ValueSource, { kind: "memory" }>,
): bigint | Missing {
  const at = addressOn(call, call.arg(pointerArg));
  if (at === 0n) return -1n;
  const [seconds, nanoseconds] = [0, size].map((offset) =>
    call.readMemory(addressOn(call, at + BigInt(offset)), size),
  );
  if (!seconds || !nanoseconds) return "unreadable";
  const [s, ns] = [seconds, nanoseconds].map((bytes) => BigInt.asIntN(size * 8, fromBytes(bytes)));
  // times that make no sense, which the kernel refuses, are what 64 bits make of them
  return (s ?? 0n) * 1000n + BigInt.asUintN(64, (ns ?? 0n) + NS_PER_MS - 1n) / NS_PER_MS;
}

/** Whether a presentation applies to the call; memory that cannot be read does not satisfy a guard. */
export function guardHolds(call: CallView, guard: Guard): boolean {
  const value = readSource(call, guard.source);
  return typeof value === "bigint" && (value & guard.mask) === guard.value;
}

function presented(call: CallView, index: number): PresentedParam | undefined {
  return call.presentation.params[index - 1];
}

/** Number in a presented parameter, extended from its own width and sign. */
export function readParam(call: CallView, index: number): bigint | Missing {
  const param = presented(call, index);
  if (!param) return "absent";
  const value = readSource(call, param.source);
  return typeof value === "bigint" ? extend(value, param.type) : value;
}

function readPointer(call: CallView, index: number): bigint | Missing {
  const value = readParam(call, index);
  if (typeof value !== "bigint") return value;
  return value === 0n ? "absent" : addressOn(call, value);
}

interface FieldPlace {
  readonly at: bigint;
  readonly field: StructField;
}

function fieldPlace(
  call: CallView,
  index: number,
  name: string,
  structs: Structs,
): FieldPlace | Missing {
  const param = presented(call, index);
  const { struct } = param?.type ?? {};
  if (param === undefined || param.source.kind === "absent") return "absent";
  if (param.source.kind === "unknown") return "unreadable";
  const known =
    struct === undefined ? undefined : structs.structField(struct, name, call.presentation.abi);
  const field = known && chooseField(known, (at) => readParam(call, at));
  if (typeof field === "string") return field;
  const pointer = readPointer(call, index);
  // A NULL pointer to a struct cannot be read by the kernel either.
  if (pointer === "absent") return "unreadable";
  if (typeof pointer !== "bigint") return pointer;
  if (!field) return "absent";
  const address = field.behind === undefined ? pointer : follow(call, pointer, field.behind);
  if (typeof address !== "bigint") return address;
  return { at: addressOn(call, address + BigInt(field.offset)), field };
}

/** Address of the struct that a pointer in another one leads to. */
function follow(
  call: CallView,
  at: bigint,
  { offset, size }: NonNullable<StructField["behind"]>,
): bigint | Missing {
  const bytes = call.readMemory(addressOn(call, at + BigInt(offset)), size);
  if (bytes === undefined) return "unreadable";
  const pointer = fromBytes(bytes);
  return pointer === 0n ? "absent" : addressOn(call, pointer);
}

type ReadParam = (index: number) => bigint | Missing;

/** The member that the command of the call has; absent: none of this name. */
export function chooseField(known: StructField, read: ReadParam): StructField | Missing {
  for (let field: StructField | undefined = known; field; field = field.otherwise) {
    const missing = without(field.only ?? [], read);
    if (missing === undefined) return field;
    if (missing === "unreadable") return missing;
  }
  return "absent";
}

/** Why the parameters have other values; undefined: they have these. */
function without(only: readonly Fixed[], read: ReadParam): Missing | undefined {
  for (const fixed of only) {
    const value = read(fixed.param);
    if (typeof value !== "bigint") return value;
    if (!isOneOf(fixed, value)) return "absent";
  }
  return undefined;
}

/** Numeric field of the struct that a parameter points to. */
export function readField(
  call: CallView,
  index: number,
  name: string,
  structs: Structs,
): bigint | Missing {
  const place = fieldPlace(call, index, name, structs);
  if (typeof place === "string") return place;
  const { type, bigEndian } = place.field;
  const bytes = call.readMemory(place.at, type.size);
  return bytes ? extend(fromBytes(bytes, bigEndian), type) : "unreadable";
}

/** N of a C type like `char[N]`: the text lies in the struct itself. */
function inlineLength(type: ParamType): number | undefined {
  const match = /\[([0-9]+)\]$/.exec(type.c);
  return match ? Number(match[1]) : undefined;
}

function readStringField(
  call: CallView,
  index: number,
  name: string,
  structs: Structs,
): Uint8Array | Missing {
  const place = fieldPlace(call, index, name, structs);
  if (typeof place === "string") return place;
  const inline = inlineLength(place.field.type);
  if (inline !== undefined) {
    const bytes = call.readMemory(place.at, inline);
    if (!bytes) return "unreadable";
    const end = bytes.indexOf(0);
    return end < 0 ? bytes : bytes.subarray(0, end);
  }
  const pointer = call.readMemory(place.at, place.field.type.size);
  if (!pointer) return "unreadable";
  const at = fromBytes(pointer);
  return at === 0n ? "absent" : whole(call.readString(at));
}

/** A string that was read whole. */
function whole(read: StringRead | null | undefined): Uint8Array | Missing {
  if (read === null) return "absent";
  return read && !read.truncated ? read.bytes : "unreadable";
}

/** Bytes of a buffer, which may be too many to be held, or more than the engine reads. */
export function readBuffer(
  call: CallView,
  index: number,
): Uint8Array | LongText | CutText | Missing {
  const { source, type } = presented(call, index) ?? {};
  if (isVector(source)) return heldText(call, readVectorText(call, source), type);
  const pointer = readPointer(call, index);
  if (typeof pointer !== "bigint") return pointer;
  const lengthParam = type?.lengthParam;
  if (lengthParam === undefined) return whole(call.readString(pointer));
  const length = readParam(call, lengthParam);
  if (typeof length !== "bigint") return length;
  if (length < 0n) return "unreadable";
  const size = Math.min(Number(length), MAX_RW_COUNT);
  const read = (from: number, count: number) => call.readMemory(pointer + BigInt(from), count);
  const inFirstPage = PAGE_SIZE - Number(pointer % BigInt(PAGE_SIZE));
  return heldText(call, { length: size, read }, type, inFirstPage);
}

/**
 * As bytes, unless it is too long for that. Where it cannot be read as a whole, what lies in its first page may: that is its
 * beginning then.
 */
function heldText(
  call: CallView,
  text: LongText | Missing,
  type: ParamType | undefined,
  inFirstPage = 0,
): Uint8Array | LongText | CutText | Missing {
  if (typeof text === "string") return text;
  // what lies behind is not what the call has read; before it there is no such number
  const filled = type?.isFilled === true ? call.intVariable("RETVAL") : undefined;
  if (filled !== undefined && filled < 0n) return "absent";
  const length = Math.min(text.length, Number(filled ?? text.length));
  if (call.readsAll === true && length > MOST_HELD) return { ...text, length };
  if (call.readsAll !== true && length > MAX_STRING) {
    const start = text.read(0, MAX_STRING);
    return start === undefined ? startOf(text, MAX_STRING, inFirstPage) : { start };
  }
  if (length === 0) return new Uint8Array();
  return text.read(0, length) ?? startOf(text, length, inFirstPage);
}

function startOf(text: LongText, length: number, inFirstPage: number): CutText | Missing {
  const start = inFirstPage > 0 && inFirstPage < length ? text.read(0, inFirstPage) : undefined;
  return start === undefined ? "unreadable" : { start };
}

/** What an event shows of a buffer: its first MAX_STRING bytes. */
export function readBufferStart(call: CallView, index: number): StringRead | Missing {
  const text = readBuffer(call, index);
  if (typeof text === "string") return text;
  if (isCut(text)) return { bytes: text.start, truncated: true };
  if (!isLong(text))
    return { bytes: text.subarray(0, MAX_STRING), truncated: text.length > MAX_STRING };
  const bytes = text.read(0, MAX_STRING);
  return bytes === undefined ? "unreadable" : { bytes, truncated: true };
}

function readWholeBuffer(call: CallView, index: number): Uint8Array | Missing {
  const text = readBuffer(call, index);
  if (typeof text === "string") return text;
  if (isCut(text)) return "unreadable";
  return isLong(text) ? (readWhole(text) ?? "unreadable") : text;
}

/** Of a text that may be known in part: a buffer, or texts of a list. */
export function readSubject(
  call: CallView,
  expr: StringExpr,
  structs: Structs,
): Uint8Array | LongText | CutText | Missing {
  switch (expr.kind) {
    case "bufferParam":
      return readBuffer(call, expr.index);
    case "argv":
      return known(call.argv(expr.index));
    case "envp":
      return known(call.envp(expr.name));
    default:
      return readString(call, expr, structs);
  }
}

function known(read: StringRead | null | undefined): Uint8Array | CutText | Missing {
  return read?.truncated === true ? { start: read.bytes } : whole(read);
}

function readPath(call: CallView, index: number): Uint8Array | Missing {
  const read = call.path(index);
  if (read === "refused") return "unreadable";
  if (read !== undefined) return whole(read);
  const { params } = call.presentation;
  const at = index === 0 ? (fileParameters(call.presentation)[0] ?? 0) : index;
  const param = params[at - 1];
  if (!param || param.source.kind === "absent") return "absent";
  if (param.type.kind === "path" && readPointer(call, at) === "absent") return "absent";
  return "unreadable";
}

/** Bytes of a string operand. */
export function readString(
  call: CallView,
  expr: StringExpr,
  structs: Structs,
): Uint8Array | Missing {
  switch (expr.kind) {
    case "stringParam": {
      const pointer = readPointer(call, expr.index);
      return typeof pointer === "bigint" ? whole(call.readString(pointer)) : pointer;
    }
    case "bufferParam":
      return readWholeBuffer(call, expr.index);
    case "stringField":
      return readStringField(call, expr.index, expr.field, structs);
    case "stringVariable":
      return whole(call.stringVariable(expr.name));
    case "pathOf":
      return readPath(call, expr.index);
    case "fdText":
      return readDescriptorText(call, expr.index, expr.member);
    case "argv":
      return whole(call.argv(expr.index));
    case "envp":
      return whole(call.envp(expr.name));
  }
}

export function readDescriptorText(
  call: CallView,
  index: number,
  member: DescriptorText,
): Uint8Array | Missing {
  const file = openFileAt(call, index, readParam(call, index));
  if (typeof file === "string") return file;
  return member === "path" ? whole(file.path) : orMissing(file.type);
}

export function readDescriptorNumber(
  call: CallView,
  index: number,
  member: DescriptorNumber,
): bigint | Missing {
  return descriptorNumber(openFileAt(call, index, readParam(call, index)), member);
}

/** Of the peer of a socket, in 4 or 16 bytes. */
export function readPeerAddress(call: CallView, index: number): Uint8Array | Missing {
  return peerAddress(openFileAt(call, index, readParam(call, index)));
}

/**
 * Address in a socket address: 4 or 16 bytes. `addr` takes either family, and an IPv4 address mapped into IPv6
 * (::ffff:a.b.c.d) counts as the IPv4 address it is. Absent when the family is another one.
 */
export function readAddress(
  call: CallView,
  index: number,
  name: string,
  structs: Structs,
): Uint8Array | Missing {
  // The socket address begins where the path of its field does: `addr` of the parameter, or `msg_name.addr`.
  const place = fieldPlace(call, index, name, structs);
  if (typeof place === "string") return place;
  const start = place.at - BigInt(place.field.offset);
  const family = call.readMemory(start, 2);
  if (!family) return "unreadable";
  const number = Number(fromBytes(family));
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (number === AF_INET && last !== "sin6_addr")
    return call.readMemory(start + 4n, 4) ?? "unreadable";
  if (number !== AF_INET6 || last === "sin_addr" || last === "s_addr") return "absent";
  const bytes = call.readMemory(start + 8n, 16);
  if (!bytes) return "unreadable";
  return last === "addr" ? plainAddress(bytes) : bytes;
}

/** The first bytes of a string operand, where it is too long to be read whole. A file that the call is refused over is absent. */
export function readStart(
  call: CallView,
  expr: StringExpr,
  structs: Structs,
): StringRead | Missing {
  switch (expr.kind) {
    case "bufferParam":
      return readBufferStart(call, expr.index);
    case "argv":
      return startOf(call.argv(expr.index));
    case "envp":
      return startOf(call.envp(expr.name));
    case "stringVariable":
      return startOf(call.stringVariable(expr.name));
    case "stringParam": {
      const pointer = readPointer(call, expr.index);
      return typeof pointer === "bigint" ? startOf(call.readString(pointer)) : pointer;
    }
    default: {
      if (expr.kind === "pathOf" && call.path(expr.index) === "refused") return "absent";
      const bytes = readString(call, expr, structs);
      return typeof bytes === "string" ? bytes : { bytes, truncated: false };
    }
  }
}

function startOf(read: StringRead | null | undefined): StringRead | Missing {
  return read === null ? "absent" : (read ?? "unreadable");
}
