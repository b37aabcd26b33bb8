/** Members that a parameter has with some commands only, in a filter that names another: `PARAMS[2] == F_GETFL && PARAMS[3].l_type == 1`. */
import type { BoolExpr } from "../checked/index.ts";
import { isOneOf } from "../fixed-parameter.ts";
import type { Fixed, Presentation, StructField, Vocabulary } from "../vocabulary.ts";

/** Of a longer list nothing is concluded. */
const MOST_VALUES = 64n;

interface NeverThere {
  readonly atom: BoolExpr;
  readonly index: number;
  readonly field: string;
}

/** The first comparison among those that must all hold that looks at such a member; undefined: there is none. */
export function memberNeverThere(
  all: readonly BoolExpr[],
  call: Presentation,
  vocabulary: Vocabulary,
): NeverThere | undefined {
  const given = new Map<number, readonly bigint[]>();
  for (const atom of all) {
    const fixed = valuesOf(atom);
    if (fixed !== undefined && !given.has(fixed.index)) given.set(fixed.index, fixed.values);
  }
  if (given.size === 0) return undefined;
  for (const atom of all) {
    const member = memberOf(atom);
    const struct = member && call.params[member.index - 1]?.type.struct;
    if (member === undefined || struct === undefined) continue;
    const found = vocabulary.structField(struct, member.field, call.abi);
    if (found !== undefined && !canBeThere(found, given)) return { atom, ...member };
  }
  return undefined;
}

function canBeThere(field: StructField, given: ReadonlyMap<number, readonly bigint[]>): boolean {
  const isMet = (fixed: Fixed): boolean =>
    given.get(fixed.param)?.some((value) => isOneOf(fixed, value)) ?? true;
  if (field.only === undefined || field.only.every(isMet)) return true;
  return field.otherwise !== undefined && canBeThere(field.otherwise, given);
}

/** The values that a condition leaves a parameter, if they are few. */
function valuesOf(atom: BoolExpr): { index: number; values: readonly bigint[] } | undefined {
  if (atom.kind === "compare" && atom.op === "==") {
    const { left, right } = atom;
    if (left.kind !== "param" || right.kind !== "int") return undefined;
    return { index: left.index, values: [right.value] };
  }
  if (atom.kind !== "inRanges" || atom.operand.kind !== "param") return undefined;
  const count = atom.ranges.reduce((sum, { low, high }) => sum + high - low + 1n, 0n);
  if (count > MOST_VALUES) return undefined;
  return { index: atom.operand.index, values: atom.ranges.flatMap(valuesIn) };
}

function valuesIn({ low, high }: { readonly low: bigint; readonly high: bigint }): bigint[] {
  return Array.from({ length: Number(high - low) + 1 }, (_, i) => low + BigInt(i));
}

/** The member that a comparison looks at alone: of one that is not there it is false. */
function memberOf(atom: BoolExpr): { index: number; field: string } | undefined {
  switch (atom.kind) {
    case "compare":
      return atom.left.kind === "field" ? pick(atom.left) : undefined;
    case "inRanges":
      return atom.operand.kind === "field" ? pick(atom.operand) : undefined;
    case "stringTest":
    case "stringIn":
      return atom.subject.kind === "stringField" ? pick(atom.subject) : undefined;
    default:
      return undefined;
  }
}

function pick({ index, field }: { readonly index: number; readonly field: string }) {
  return { index, field };
}
