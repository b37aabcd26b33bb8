/** Members of structs that parameters lead to. */
import { AF_INET, AF_INET6 } from "../../base/linux-abi.ts";
import type { CallView, StringRead } from "../call-view.ts";
import { isOneOf } from "../fixed-parameter.ts";
import type { Fixed, ParamType, StructField, Vocabulary } from "../vocabulary.ts";
import { addressOn, fromBytes, type Missing, plainAddress } from "./read-bytes.ts";
import { extend, presented, readMessageAddress, readParam } from "./read-param.ts";

/** What the evaluator needs to know of structs. */
export type Structs = Pick<Vocabulary, "structField">;

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
  const pointer = readMessageAddress(call, index);
  // A NULL pointer to a struct cannot be read by the kernel either, unless the call works without.
  if (pointer === "absent") return param.isOptional === true ? "absent" : "unreadable";
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

/** Text in a struct, or where a member of it points. */
export function readStringField(
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
export function whole(read: StringRead | null | undefined): Uint8Array | Missing {
  if (read === null) return "absent";
  return read && !read.truncated ? read.bytes : "unreadable";
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
