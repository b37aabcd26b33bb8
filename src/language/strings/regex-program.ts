/**
 * A regular expression as steps over bytes, as plain data: what the matcher of the evaluator executes, for an engine that makes
 * something else of it. Taken from the compiled program of re2js, so that both have one meaning; its version is pinned, and a step that is not
 * known here is an error.
 */
import type { RE2JS } from "re2js";

/** What must hold between two bytes, or a byte and an end of the text, as bits. */
export const Assertion = {
  beginLine: 1,
  endLine: 2,
  beginText: 4,
  endText: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const;

export type RegexStep =
  /** Takes one byte of a set: 256 flags. */
  | { readonly kind: "byte"; readonly set: Uint8Array; readonly to: number }
  /** Takes nothing, and continues at each of these. */
  | { readonly kind: "fork"; readonly to: readonly number[] }
  /** Takes nothing, and continues if all of the assertions hold. */
  | { readonly kind: "assert"; readonly assertions: number; readonly to: number }
  | { readonly kind: "match" }
  | { readonly kind: "fail" };

export interface RegexProgram {
  readonly steps: readonly RegexStep[];
  /** Index of the step that a search begins with, at every place of the text. */
  readonly start: number;
}

/** Numbers of re2js's instructions. */
const Op = {
  alternative: 1,
  alternativeMatch: 2,
  capture: 3,
  emptyWidth: 4,
  fail: 5,
  match: 6,
  nothing: 7,
  rune: 8,
  rune1: 9,
  anyRune: 10,
  anyRuneButNewline: 11,
} as const;

/** An instruction of re2js, as far as it is read here. */
interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  matchRune(rune: number): boolean;
}

const NEWLINE = 0x0a;

/** The steps of a compiled expression, whose text is read as Latin-1. */
export function programOf(regex: RE2JS): RegexProgram {
  const program: { readonly inst: readonly Instruction[]; readonly start: number } =
    regex.re2().prog;
  const sets = new Map<string, Uint8Array>();
  return {
    steps: program.inst.map((instruction) => stepOf(instruction, sets)),
    start: program.start,
  };
}

function stepOf(instruction: Instruction, sets: Map<string, Uint8Array>): RegexStep {
  const { op, out, arg } = instruction;
  const byte = (holds: (byte: number) => boolean): RegexStep => {
    const set = Uint8Array.from({ length: 256 }, (_, value) => (holds(value) ? 1 : 0));
    const key = set.join("");
    const shared = sets.get(key) ?? set;
    sets.set(key, shared);
    return { kind: "byte", set: shared, to: out };
  };
  switch (op) {
    case Op.alternative:
    case Op.alternativeMatch:
      return { kind: "fork", to: [out, arg] };
    case Op.capture:
    case Op.nothing:
      return { kind: "fork", to: [out] };
    case Op.emptyWidth:
      return { kind: "assert", assertions: arg, to: out };
    case Op.match:
      return { kind: "match" };
    case Op.fail:
      return { kind: "fail" };
    case Op.rune:
    case Op.rune1:
      return byte((value) => instruction.matchRune(value));
    case Op.anyRune:
      return byte(() => true);
    case Op.anyRuneButNewline:
      return byte((value) => value !== NEWLINE);
    default:
      throw new Error(`re2js has an instruction ${op} that this version does not know`);
  }
}
