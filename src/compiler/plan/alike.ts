/**
 * Takes filters apart into what rules that do the same share, and the constants in which they differ: patterns of one text, and numbers
 * that something must equal. All parts are joined by &&.
 */
import { interner } from "../../base/interned.ts";
import { onceForEach } from "../../base/once-for-each.ts";
import type { BoolExpr, IntExpr, StringExpr } from "../../language/checked/index.ts";
import { isFileTest } from "../../language/index.ts";
import { isLinear, type LinearOp } from "../dfa/linear-patterns.ts";
import { isName } from "./string-cost.ts";

/** Bytes that are compared of a thread's name. */
const NAME_SIZE = 16;
/** A rule has a row for each combination of its numbers. */
const MOST_ROWS = 64;

export interface TextPattern {
  readonly op: LinearOp;
  readonly pattern: Uint8Array;
}

/** A number, or the two words of a name. */
export type Compared =
  | { readonly kind: "number"; readonly expr: IntExpr }
  | { readonly kind: "name"; readonly expr: StringExpr };

export interface FilterParts {
  /** Equal for filters that differ in nothing but patterns and numbers. */
  readonly shape: string;
  /** The text that must meet one of the patterns. */
  readonly subject: StringExpr | undefined;
  readonly patterns: readonly TextPattern[];
  readonly compared: readonly Compared[];
  /** One of these must be what is compared: a word for each number, two for each name. */
  readonly rows: readonly (readonly bigint[])[];
  /** What is the same for all. */
  readonly common: readonly BoolExpr[];
}

export const partsOf = onceForEach(takeApart);

/** Thousands of filters have few shapes. */
const intern = interner();

function takeApart(filter: BoolExpr): FilterParts {
  const common: BoolExpr[] = [];
  const compared: Compared[] = [];
  let rows: readonly (readonly bigint[])[] = [[]];
  let text: { readonly subject: StringExpr; readonly patterns: readonly TextPattern[] } | undefined;
  for (const atom of operandsOf(filter, "and")) {
    const found = text === undefined ? textTest(atom) : undefined;
    if (found !== undefined) {
      text = found;
      continue;
    }
    const values = comparison(atom);
    if (values === undefined || values.words.length * rows.length > MOST_ROWS) {
      common.push(atom);
      continue;
    }
    compared.push(values.compared);
    rows = rows.flatMap((row) => values.words.map((words) => [...row, ...words]));
  }
  const shape = intern(
    [text && describeParts(text.subject), describeParts(compared), describeParts(common)].join("|"),
  );
  return {
    ...{ shape, compared, rows, common },
    ...{ subject: text?.subject, patterns: text?.patterns ?? [] },
  };
}

/** Of a chain, from left to right. */
export function operandsOf(expr: BoolExpr, kind: "and" | "or"): BoolExpr[] {
  const items: BoolExpr[] = [];
  const todo: BoolExpr[] = [expr];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next.kind === kind) todo.push(next.right, next.left);
    else items.push(next);
  }
  return items;
}

/** A text that must meet one of some patterns; what it means besides its name is not looked for. */
function textTest(
  atom: BoolExpr,
): { readonly subject: StringExpr; readonly patterns: readonly TextPattern[] } | undefined {
  const tests = operandsOf(atom, "or");
  const patterns: TextPattern[] = [];
  let subject: StringExpr | undefined;
  for (const test of tests) {
    if (test.kind !== "stringTest" && test.kind !== "stringIn") return undefined;
    const isFile: boolean = isFileTest(test);
    if (isFile || isName(test.subject)) return undefined;
    if (subject !== undefined && describeParts(test.subject) !== describeParts(subject))
      return undefined;
    subject = test.subject;
    if (test.kind === "stringIn")
      patterns.push(...test.values.map((pattern): TextPattern => ({ op: "==", pattern })));
    else if (isLinear(test.op)) patterns.push({ op: test.op, pattern: test.pattern });
    else return undefined;
  }
  return subject && { subject, patterns };
}

/** Something that must equal one of some constants. */
function comparison(
  atom: BoolExpr,
): { readonly compared: Compared; readonly words: readonly (readonly bigint[])[] } | undefined {
  if (atom.kind === "compare" && atom.op === "==") {
    const { left, right } = atom;
    const [expr, constant] = right.kind === "int" ? [left, right] : [right, left];
    if (constant.kind !== "int") return undefined;
    return { compared: { kind: "number", expr }, words: [[BigInt.asUintN(64, constant.value)]] };
  }
  if (atom.kind === "inRanges") {
    const words = atom.ranges.flatMap(({ low, high }) =>
      high - low < MOST_ROWS
        ? Array.from({ length: Number(high - low) + 1 }, (_, i) => [
            BigInt.asUintN(64, low + BigInt(i)),
          ])
        : [],
    );
    if (atom.ranges.some(({ low, high }) => high - low >= MOST_ROWS)) return undefined;
    return { compared: { kind: "number", expr: atom.operand }, words };
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

/** Undefined for what no thread is called. */
function nameWords(name: Uint8Array): readonly bigint[] | undefined {
  if (name.length >= NAME_SIZE || name.includes(0)) return undefined;
  const padded = Buffer.alloc(NAME_SIZE);
  padded.set(name);
  return [padded.readBigUInt64LE(0), padded.readBigUInt64LE(8)];
}

/** Equal for what says the same, wherever it stands. */
export function describeParts(value: unknown): string {
  if (typeof value !== "object" || value === null) return `${typeof value} ${String(value)}`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  let text = "";
  if (Array.isArray(value)) {
    for (const one of value) text += `${describeParts(one)},`;
    return `[${text}]`;
  }
  for (const [name, one] of Object.entries(value))
    if (name !== "span") text += `${name}:${describeParts(one)},`;
  return `{${text}}`;
}
