/**
 * Structs from their layouts in src/linux. A row names the members that are shown: `a b:meaning c | d`. A meaning is a
 * word of meaning.ts; without one the layout says what the number is. What stands behind `|` only -v shows.
 */
import type { Abi } from "../../language/vocabulary.ts";
import { byAbi, fieldsOf } from "../../linux/index.ts";
import type { Decoding } from "../context.ts";
import type { Show } from "../piece.ts";
import { type MemoryForm, pointerTo, readBig, readNumber } from "./form.ts";
import { showOfType, showOfWord } from "./meaning.ts";
import { quoteField } from "./text.ts";

interface Member {
  /** What stands before its value: `{a=`, `, b={c=`. */
  readonly before: string;
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
  readonly isBig: boolean;
  /** Absent: text in place, of `size` bytes. */
  readonly show?: Show;
}

interface StructPlan {
  readonly size: number;
  readonly members: readonly Member[];
  /** How many are shown without -v. */
  readonly short: number;
  readonly end: string;
  readonly shortEnd: string;
}

/** The struct of a layout, in its own words or in those of `row`; `own` prints members that need code. */
export function structForm(
  layout: string,
  row?: string,
  own: Readonly<Record<string, Show>> = {},
): MemoryForm {
  const plans = byAbi((): { plan?: StructPlan } => ({}));
  const planOf = (abi: Abi): StructPlan => {
    const held = plans[abi];
    held.plan ??= makePlan(layout, row, new Map(Object.entries(own)), abi);
    return held.plan;
  };
  return {
    size: (call) => planOf(call.abi).size,
    format: (call, bytes) => formatMembers(planOf(call.abi), call, bytes),
  };
}

/** A pointer to one. */
export function showStruct(
  layout: string,
  row?: string,
  own?: Readonly<Record<string, Show>>,
): Show {
  return pointerTo(structForm(layout, row, own));
}

function formatMembers(plan: StructPlan, call: Decoding, bytes: Uint8Array): string {
  const isShort = call.options.abbreviate && plan.short < plan.members.length;
  const count = isShort ? plan.short : plan.members.length;
  let text = "";
  for (let i = 0; i < count; i += 1) {
    const member = plan.members[i];
    if (member === undefined) break;
    text += member.before + formatMember(member, call, bytes);
  }
  return text + (isShort ? plan.shortEnd : plan.end);
}

function formatMember(member: Member, call: Decoding, bytes: Uint8Array): string {
  const { offset, size, show } = member;
  if (show === undefined) return quoteField(bytes.subarray(offset, offset + size), call.options);
  const value = member.isBig
    ? BigInt(readBig(bytes, offset, size))
    : readNumber(bytes, offset, size, member.signed);
  return show(call, value);
}

function makePlan(
  layout: string,
  row: string | undefined,
  own: ReadonlyMap<string, Show>,
  abi: Abi,
): StructPlan {
  const fields = fieldsOf(layout, abi);
  if (fields === undefined) throw new Error(`no struct ${layout}`);
  const [first = "", rest] = (row ?? [...fields.keys()].join(" ")).split("|");
  const names = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");
  const short = names(first);
  const words = [...short, ...names(rest ?? "")];
  let size = 0;
  for (const { offset, type } of fields.values()) {
    size = Math.max(size, offset + widthOf(type.c, type.size));
  }
  const paths = words.map((word) => (word.split(":")[0] ?? "").split("."));
  const members = words.map((word, i): Member => {
    const [name = "", meaning] = word.split(":");
    const field = fields.get(name);
    if (field === undefined) throw new Error(`struct ${layout} has no member ${name}`);
    const { c, kind, signed } = field.type;
    const isText = kind === "string" && c.startsWith("char[");
    const show =
      own.get(name) ?? (meaning === undefined ? showOfType(field.type) : showOfWord(meaning));
    return {
      before: between(paths[i - 1], paths[i] ?? []),
      offset: field.offset,
      size: widthOf(c, field.type.size),
      signed,
      isBig: field.bigEndian === true,
      ...(isText ? {} : { show }),
    };
  });
  const closing = (path: readonly string[] | undefined): string => "}".repeat(path?.length ?? 1);
  return {
    size,
    members,
    short: short.length,
    end: closing(paths.at(-1)),
    shortEnd: `${closing(paths[short.length - 1]).slice(1)}, ...}`,
  };
}

/** What stands between the values of two members: nested ones have braces of their own. */
function between(last: readonly string[] | undefined, next: readonly string[]): string {
  let common = 0;
  while (last !== undefined && common < next.length - 1 && last[common] === next[common])
    common += 1;
  const opened = next.slice(common).map((name) => `${name}=`);
  if (last === undefined) return `{${opened.join("{")}`;
  return `${"}".repeat(last.length - 1 - common)}, ${opened.join("{")}`;
}

function widthOf(c: string, size: number): number {
  const count = /^(?:char|u8)\[(\d+)\]$/.exec(c)?.[1];
  return count === undefined ? size : Number(count);
}
