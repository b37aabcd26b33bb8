/** Comparisons as rows of words: what something must equal, or the ends of a range in which it must lie. */
import type { BoolExpr, CompareOp, IntExpr, StringExpr } from "../../language/checked/index.ts";
import { mirror } from "../../language/index.ts";
import { isName } from "./string-cost.ts";
import { canBeUnreadable } from "./unreadable.ts";

/** Bytes that are compared of a thread's name. */
const NAME_SIZE = 16;
/** A range of fewer numbers is a row for each. */
const FEW = 64;

/** A number, the two words of a name, or a number that lies in a range. */
export type Compared =
  | { readonly kind: "number"; readonly expr: IntExpr }
  | { readonly kind: "name"; readonly expr: StringExpr }
  /** Words are unsigned: of a signed number with the other sign, which keeps their order. */
  | { readonly kind: "range"; readonly expr: IntExpr; readonly unsigned: boolean };

export const SIGN = 1n << 63n;
const LARGEST = (1n << 64n) - 1n;

type Ends = readonly [low: bigint, high: bigint];

/** Undefined for what is no comparison with constants, and for what memory can leave open whatever the call. */
export function comparison(
  atom: BoolExpr,
): { readonly compared: Compared; readonly words: readonly (readonly bigint[])[] } | undefined {
  if (canBeUnreadable(atom, { params: [] })) return undefined;
  if (atom.kind === "compare") {
    const { left, right, unsigned, op } = atom;
    const isRight = right.kind === "int";
    const [expr, constant] = isRight ? [left, right] : [right, left];
    if (constant.kind !== "int") return undefined;
    if (op === "==")
      return { compared: { kind: "number", expr }, words: [[BigInt.asUintN(64, constant.value)]] };
    const words = endsOf(isRight ? op : mirror(op), wordOf(constant.value, unsigned)).filter(
      ([low, high]) => low <= high,
    );
    return { compared: { kind: "range", expr, unsigned }, words };
  }
  if (atom.kind === "inRanges") {
    const { operand: expr, unsigned } = atom;
    if (atom.ranges.some(({ low, high }) => high - low >= FEW)) {
      const words = atom.ranges.map(
        ({ low, high }): Ends => [wordOf(low, unsigned), wordOf(high, unsigned)],
      );
      return { compared: { kind: "range", expr, unsigned }, words };
    }
    const words = atom.ranges.flatMap(({ low, high }) =>
      Array.from({ length: Number(high - low) + 1 }, (_, i) => [
        BigInt.asUintN(64, low + BigInt(i)),
      ]),
    );
    return { compared: { kind: "number", expr }, words };
  }
  if (atom.kind === "stringTest" && atom.op === "==" && isName(atom.subject)) {
    const words = nameWords(atom.pattern);
    return words && { compared: { kind: "name", expr: atom.subject }, words: [words] };
  }
  if (atom.kind === "stringIn" && isName(atom.subject)) {
    const words = atom.values.flatMap((value) => {
      const one = nameWords(value);
      return one === undefined ? [] : [one];
    });
    if (words.length < atom.values.length) return undefined;
    return { compared: { kind: "name", expr: atom.subject }, words };
  }
  return undefined;
}

function wordOf(value: bigint, unsigned: boolean): bigint {
  const word = BigInt.asUintN(64, value);
  return unsigned ? word : word ^ SIGN;
}

function endsOf(op: CompareOp, word: bigint): readonly Ends[] {
  switch (op) {
    case "==":
      return [[word, word]];
    case "!=":
      return [
        [0n, word - 1n],
        [word + 1n, LARGEST],
      ];
    case "<":
      return [[0n, word - 1n]];
    case "<=":
      return [[0n, word]];
    case ">":
      return [[word + 1n, LARGEST]];
    case ">=":
      return [[word, LARGEST]];
  }
}

/** Undefined for what no thread is called. */
function nameWords(name: Uint8Array): readonly bigint[] | undefined {
  if (name.length >= NAME_SIZE || name.includes(0)) return undefined;
  const padded = Buffer.alloc(NAME_SIZE);
  padded.set(name);
  return [padded.readBigUInt64LE(0), padded.readBigUInt64LE(8)];
}
