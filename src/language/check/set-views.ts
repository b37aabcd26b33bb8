/** A constant set as operands see it. */
import type { Span } from "../../base/span.ts";
import type { IntType } from "../../variables/index.ts";
import type { ConstantSet } from "./constant-set.ts";
import { convertTo } from "./variables.ts";

/** Where the first member stands. */
export function firstOf(members: ReadonlyMap<string, { readonly span: Span }>): Span | undefined {
  return members.values().next().value?.span;
}

/** What was made of a set, once for all places that use it: a list may be long, and used in every rule. */
interface Made {
  texts?: readonly Uint8Array[];
  readonly ranges: Map<string, readonly MergedRange[]>;
  readonly checkedFor: Set<string>;
}

const made = new WeakMap<ConstantSet, Made>();

function madeOf(set: ConstantSet): Made {
  const known = made.get(set) ?? { ranges: new Map(), checkedFor: new Set() };
  made.set(set, known);
  return known;
}

export function textsOf(set: ConstantSet): readonly Uint8Array[] {
  const known = madeOf(set);
  known.texts ??= Array.from(set.texts.values(), ({ bytes }) => bytes);
  return known.texts;
}

/** Whether the members are looked at for this kind of operand for the first time. */
export function isFirst(set: ConstantSet, kind: string): boolean {
  const { checkedFor } = madeOf(set);
  return !checkedFor.has(kind) && checkedFor.add(kind).size > 0;
}

interface MergedRange {
  readonly low: bigint;
  readonly high: bigint;
}

/** The ranges as an operand of this type sees them: in order, none touching another. */
export function rangesOf(
  set: ConstantSet,
  type: IntType | undefined,
  unsigned: boolean,
): readonly MergedRange[] {
  const { ranges } = madeOf(set);
  const key = `${type?.size} ${type?.signed} ${unsigned}`;
  const known = ranges.get(key) ?? mergeRanges(set, type, unsigned);
  ranges.set(key, known);
  return known;
}

function mergeRanges(
  set: ConstantSet,
  type: IntType | undefined,
  unsigned: boolean,
): readonly MergedRange[] {
  const wrap = (value: bigint) => (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value));
  const ranges: MergedRange[] = [];
  for (const range of set.ranges.values()) {
    const low = wrap(convertTo(range.low, type));
    const high = wrap(convertTo(range.high, type));
    if (low <= high) ranges.push({ low, high });
    // -1..1 of an unsigned number: the negative part lies at the top.
    else ranges.push({ low, high: unsigned ? (1n << 64n) - 1n : 0xffff_ffffn }, { low: 0n, high });
  }
  ranges.sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
  const merged: { low: bigint; high: bigint }[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last && range.low <= last.high + 1n) {
      if (range.high > last.high) last.high = range.high;
    } else merged.push({ ...range });
  }
  return merged;
}
