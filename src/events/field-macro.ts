/** `%param2.sin_port`: fields of structs that parameters point to, as their names in filters give them. */
import type { CallView } from "../language/call-view.ts";
import { readAddress, readField, readString } from "../language/index.ts";
import type { ParamType, Presentation, StructField } from "../language/vocabulary.ts";
import { formatSymbol, vocabulary } from "../linux/index.ts";
import { printsSigned } from "./format/param-number.ts";
import { TailStatus } from "./layout.ts";
import type { Macro, MacroText } from "./macro.ts";

const encoder = new TextEncoder();
/** Socket addresses of either family: bytes, not one number. */
const ADDRESSES: ReadonlySet<string> = new Set(["addr", "sin_addr", "sin6_addr", "s_addr"]);

export function isField({ field }: Macro): boolean {
  return field !== undefined;
}

export function isTextField(macro: Macro, presentation: Presentation): boolean {
  const kind = typeOf(macro, presentation)?.type.kind;
  return kind === "string" || kind === "path";
}

export function readFieldMacro(view: CallView, macro: Macro): MacroText {
  const { index = 0, field = "", argument, span } = macro;
  const known = typeOf(macro, view.presentation);
  if (known === undefined) return NONE;
  const { type } = known;
  if (isTextField(macro, view.presentation)) {
    const text = readString(view, { kind: "stringField", index, field, span }, vocabulary);
    return typeof text === "string" ? without(text) : { status: TailStatus.ok, bytes: text };
  }
  if (ADDRESSES.has(field.slice(field.lastIndexOf(".") + 1))) {
    const bytes = readAddress(view, index, field, vocabulary);
    return typeof bytes === "string" ? without(bytes) : shown(formatAddress(bytes));
  }
  const value = readField(view, index, field, vocabulary);
  if (typeof value !== "bigint") return without(value);
  const name =
    argument === "symbolic" && type.semantic !== undefined
      ? formatSymbol(type.semantic, value)
      : undefined;
  return shown(name ?? decimal(value, type));
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
