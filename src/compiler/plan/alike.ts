/**
 * Takes filters apart into what rules that do the same share, and the constants in which they differ: patterns of one text, numbers
 * that something must equal, and ranges in which it must lie. All parts are joined by &&.
 */
import { interner } from "../../base/interned.ts";
import { onceForEach } from "../../base/once-for-each.ts";
import type { BoolExpr, StringExpr } from "../../language/checked/index.ts";
import { type FileTest, isFileTest, wholePaths } from "../../language/index.ts";
import { isLinear, type LinearOp } from "../dfa/linear-patterns.ts";
import { type Compared, comparison } from "./compared.ts";
import { isName } from "./string-cost.ts";

/** A rule has a row for each combination of its numbers. */
const MOST_ROWS = 64;
/** Words that a row can have for what something must equal, and ranges in which something must lie. */
export const MOST_WORDS = 6;
export const MOST_RANGES = 2;

export interface TextPattern {
  readonly op: LinearOp;
  readonly pattern: Uint8Array;
}

export interface FilterParts {
  /** Equal for filters that differ in nothing but patterns and numbers. */
  readonly shape: string;
  /** The text that must meet one of the patterns. */
  readonly subject: StringExpr | undefined;
  readonly patterns: readonly TextPattern[];
  /** The test of that text, where it means other names of a file besides. */
  readonly fileTest: FileTest | undefined;
  /** The patterns are whole paths, and mean the files that they name: each has rows of its own. */
  readonly namesFile: boolean;
  /** Ranges come last. */
  readonly compared: readonly Compared[];
  /** How many of them are ranges. */
  readonly ranges: number;
  /** One of these must be what is compared: a word for each number, two for each name, and the ends of each range. */
  readonly rows: readonly (readonly bigint[])[];
  /** What is the same for all. */
  readonly common: readonly BoolExpr[];
}

export const partsOf = onceForEach(takeApart);

const NOTHING: readonly never[] = [];

/** Thousands of filters have few shapes. */
const intern = interner();

function takeApart(filter: BoolExpr): FilterParts {
  const common: BoolExpr[] = [];
  const equal = new Rows(MOST_WORDS);
  const within = new Rows(2 * MOST_RANGES);
  let text: TextTests | undefined;
  for (const atom of operandsOf(filter, "and")) {
    const found = text === undefined ? textTest(atom) : undefined;
    if (found !== undefined) {
      text = found;
      continue;
    }
    const values = comparison(atom);
    const [to, other] = values?.compared.kind === "range" ? [within, equal] : [equal, within];
    const isFew = (values?.words.length ?? 0) * to.all.length * other.all.length <= MOST_ROWS;
    if (values === undefined || !isFew || !to.add(values)) common.push(atom);
  }
  const compared = [...equal.compared, ...within.compared];
  const shape = intern(
    [
      text && `${describeParts(text.subject)}${meaningOf(text)}`,
      describeParts(compared),
      describeParts(common),
    ].join("|"),
  );
  const rows = equal.all.flatMap((words) => within.all.map((ends) => words.concat(ends)));
  // arrays that have grown have room for more, which ten thousand filters need not keep
  return {
    shape,
    subject: text?.subject,
    patterns: (text?.patterns ?? NOTHING).slice(),
    compared,
    rows: rows.slice(),
    common: common.slice(),
    ranges: within.compared.length,
    fileTest: text?.fileTest,
    namesFile: text?.namesFile === true,
  };
}

/** What a text means besides what it says. */
function meaningOf({ fileTest, namesFile, subject, patterns }: TextTests): string {
  if (namesFile) return " that file";
  if (isWholeArgument(subject, patterns)) return " whole";
  return fileTest === undefined ? "" : " file";
}

type Comparison = NonNullable<ReturnType<typeof comparison>>;

/** What is compared, with each combination of the constants. */
class Rows {
  readonly compared: Compared[] = [];
  all: readonly (readonly bigint[])[] = [[]];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** False if rows have no room for it. */
  add({ compared, words }: Comparison): boolean {
    const size = (this.all[0]?.length ?? 0) + (words[0]?.length ?? 0);
    if (size > this.#most) return false;
    this.compared.push(compared);
    this.all = this.all.flatMap((row) => words.map((one) => [...row, ...one]));
    return true;
  }
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

/** Much shorter than what is read of any text. */
const SHORT = 1024;

/**
 * An argument of a program, or a variable of its environment, is one of some short texts: the beginning of a long one decides that for
 * all of them. Of all arguments together, less may have been read.
 */
export function isWholeArgument(
  subject: StringExpr | undefined,
  patterns: readonly TextPattern[],
): boolean {
  const isOne =
    subject?.kind === "envp" || (subject?.kind === "argv" && subject.index !== undefined);
  return isOne && patterns.every(({ op, pattern }) => op === "==" && pattern.length <= SHORT);
}

type TextTests = Pick<FilterParts, "patterns" | "fileTest" | "namesFile"> & {
  readonly subject: StringExpr;
};

/** A text that must meet one of some patterns. */
function textTest(atom: BoolExpr): TextTests | undefined {
  if (isFileTest(atom)) return fileTest(atom);
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
  return subject && { subject, patterns, fileTest: undefined, namesFile: false };
}

/** A file of a call is compared by its numbers, too, where the rule has its whole name. */
function fileTest(test: FileTest): TextTests | undefined {
  const { subject } = test;
  const namesFile = subject.kind === "pathOf" && wholePaths(test).length > 0;
  if (test.kind === "stringIn") {
    if (namesFile && test.values.length > MOST_ROWS) return undefined;
    const patterns = test.values.map((pattern): TextPattern => ({ op: "==", pattern }));
    return { subject, patterns, fileTest: test, namesFile };
  }
  const { op, pattern } = test;
  if (!isLinear(op)) return undefined;
  return { subject, patterns: [{ op, pattern }], fileTest: test, namesFile };
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
