/**
 * `%param2.sin_port`, `%fd1.port`: fields of structs that parameters point to, and members of open files, as their names in
 * filters give them.
 */
import type { CallView } from "../language/call-view.ts";
import {
  fromBytes,
  readAddress,
  readDescriptorNumber,
  readDescriptorText,
  readField,
  readPeerAddress,
  readString,
} from "../language/index.ts";
import type { ParamType, Presentation, StructField } from "../language/vocabulary.ts";
import { formatSymbol, vocabulary } from "../linux/index.ts";
import {
  DESCRIPTOR_MEMBERS,
  type DescriptorMember,
  isDescriptorMember,
} from "../variables/index.ts";
import { printsSigned } from "./format/param-number.ts";
import { TailStatus } from "./layout.ts";
import type { Macro, MacroText } from "./macro.ts";

const encoder = new TextEncoder();
/** Socket addresses of either family: bytes, not one number. */
const ADDRESSES: ReadonlySet<string> = new Set(["addr", "sin_addr", "sin6_addr", "s_addr"]);

export type FieldKind = "text" | "number" | "address";

export function kindOfField(name: string, { type }: StructField): FieldKind {
  if (type.kind === "string" || type.kind === "path") return "text";
  return ADDRESSES.has(name.slice(name.lastIndexOf(".") + 1)) ? "address" : "number";
}

export function isField({ field }: Macro): boolean {
  return field !== undefined;
}

/** `%fd1.port`: a member of what the descriptor in a parameter stands for; undefined: of a struct. */
function descriptorMember({ name, field = "" }: Macro): DescriptorMember | undefined {
  return name === "fd" && isDescriptorMember(field) ? field : undefined;
}

export function isTextField(macro: Macro, presentation: Presentation): boolean {
  const member = descriptorMember(macro);
  if (member !== undefined) return DESCRIPTOR_MEMBERS[member].holds === "text";
  const known = typeOf(macro, presentation);
  return known !== undefined && kindOfField(macro.field ?? "", known) === "text";
}

export function readFieldMacro(view: CallView, macro: Macro): MacroText {
  const { index = 0, field = "", span } = macro;
  const member = descriptorMember(macro);
  if (member !== undefined) return readDescriptorMacro(view, macro, member);
  const known = typeOf(macro, view.presentation);
  if (known === undefined) return NONE;
  const kind = kindOfField(field, known);
  if (kind === "text") {
    const text = readString(view, { kind: "stringField", index, field, span }, vocabulary);
    return typeof text === "string" ? without(text) : { status: TailStatus.ok, bytes: text };
  }
  if (kind === "address") {
    const bytes = readAddress(view, index, field, vocabulary);
    return typeof bytes === "string" ? without(bytes) : shown(formatAddress(bytes));
  }
  const value = readField(view, index, field, vocabulary);
  return typeof value === "bigint" ? shown(formatNumber(value, macro, known)) : without(value);
}

function readDescriptorMacro(
  view: CallView,
  { index = 0, argument }: Macro,
  member: DescriptorMember,
): MacroText {
  if (member === "type" || member === "path") {
    const text = readDescriptorText(view, index, member);
    return typeof text === "string" ? without(text) : { status: TailStatus.ok, bytes: text };
  }
  if (member === "addr") {
    const bytes = readPeerAddress(view, index);
    return typeof bytes === "string" ? without(bytes) : shown(formatAddress(bytes));
  }
  const value = readDescriptorNumber(view, index, member);
  return typeof value === "bigint" ? shown(formatMember(value, member, argument)) : without(value);
}

function formatMember(
  value: bigint,
  member: DescriptorMember,
  argument: string | undefined,
): string {
  const isSymbolic = member === "flags" && argument === "symbolic";
  return (isSymbolic ? formatSymbol("open_flags", value) : undefined) ?? value.toString();
}

/** Of the bytes that a record has of the member: 8 of a number, else those of an address. Undefined: they are neither. */
export function formatField(
  bytes: Uint8Array,
  macro: Macro,
  presentation: Presentation,
): string | undefined {
  const member = descriptorMember(macro);
  if (member === "addr") return isAddress(bytes) ? formatAddress(bytes) : undefined;
  if (member !== undefined)
    return bytes.length === 8 ? formatMember(fromBytes(bytes), member, macro.argument) : undefined;
  const known = typeOf(macro, presentation);
  if (known === undefined) return undefined;
  if (kindOfField(macro.field ?? "", known) === "address")
    return isAddress(bytes) ? formatAddress(bytes) : undefined;
  if (bytes.length !== 8) return undefined;
  const bits = fromBytes(bytes);
  const value = known.type.signed ? BigInt.asIntN(64, bits) : bits;
  return formatNumber(value, macro, known);
}

function isAddress({ length }: Uint8Array): boolean {
  return length === 4 || length === 16;
}

function formatNumber(value: bigint, { argument }: Macro, { type }: StructField): string {
  const name =
    argument === "symbolic" && type.semantic !== undefined
      ? formatSymbol(type.semantic, value)
      : undefined;
  return name ?? decimal(value, type);
}

function typeOf(
  { index = 0, field = "" }: Macro,
  presentation: Presentation,
): StructField | undefined {
  const struct = presentation.params[index - 1]?.type.struct;
  return struct === undefined ? undefined : vocabulary.structField(struct, field, presentation.abi);
}

function decimal(value: bigint, type: ParamType): string {
  return (printsSigned(type) ? BigInt.asIntN(type.size * 8, value) : value).toString();
}

/** `10.0.0.1`, and IPv6 with its longest run of zeros left out. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const runs = groups.join(":").match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.toSorted((a, b) => b.length - a.length)[0];
  if (longest === undefined) return groups.join(":");
  const [before = "", after = ""] = cut(groups.join(":"), longest);
  return `${before.replace(/:$/, "")}::${after.replace(/^:/, "")}`;
}

function cut(text: string, part: string): [string, string] {
  const at = new RegExp(`(?<![0-9a-f])${part}(?![0-9a-f])`).exec(text)?.index ?? 0;
  return [text.slice(0, at), text.slice(at + part.length)];
}

function shown(text: string): MacroText {
  return { status: TailStatus.ok, bytes: encoder.encode(text) };
}

function without(missing: "absent" | "unreadable"): MacroText {
  return missing === "absent" ? NONE : { status: TailStatus.unreadable, bytes: NOTHING };
}

const NOTHING = new Uint8Array(0);
const NONE: MacroText = { status: TailStatus.null, bytes: NOTHING };
