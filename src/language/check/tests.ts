/** Tests of strings, and `in`. */
import type { Span } from "../../base/span.ts";
import type { BinaryOp, Expr } from "../ast.ts";
import type { BoolExpr, CompareOp, IntExpr, StringExpr, StringOp } from "../checked.ts";
import { GlobError, parseGlob } from "../glob.ts";
import { compileRegex, RegexError, regexCost } from "../regex.ts";
import { testString } from "../string-test.ts";
import type { ExpressionChecker } from "./expression.ts";
import { connect, not } from "./fold.ts";
import { convertTo } from "./operators.ts";
import { type ConstantSet, resolveSet } from "./set.ts";
import { boolConstant, describeValue, type Value } from "./value.ts";

type PatternOp = Exclude<StringOp, CompareOp> & BinaryOp;

const EXPECTED: Readonly<Record<PatternOp, string>> = {
  "=~": "a string and a regular expression",
  "!~": "a string and a regular expression",
  matches: "a string and a glob",
  startswith: "a string and a constant string",
  endswith: "a string and a constant string",
  contains: "a string and a constant string",
  icontains: "a string and a constant string",
};

/** `matches`, `=~`, `contains` and their like. */
export function checkStringTest(
  checker: ExpressionChecker,
  op: PatternOp,
  left: Value,
  right: Value,
  expr: Extract<Expr, { kind: "binary" }>,
): Value {
  const { span } = expr;
  if (right.is === "text" && !checkPattern(checker, op, right.bytes, expr.right.span)) {
    return { is: "error", span };
  }
  if (left.is === "absent") return { is: "bool", expr: boolConstant(false, span) };
  if (right.is !== "text" || (left.is !== "string" && left.is !== "text")) {
    if (left.is === "string" && right.is === "string") {
      return checker.error("not_constant", expr.right.span, ["The pattern"], {
        expected: EXPECTED[op],
      });
    }
    return checker.error("type_mismatch", span, [op, describeValue(left), describeValue(right)], {
      expected: EXPECTED[op],
    });
  }
  if (left.is === "text") {
    return { is: "bool", expr: boolConstant(testString(op, left.bytes, right.bytes), span) };
  }
  warnString(checker, op, left.expr, right.bytes, span);
  const pattern = right.bytes;
  return { is: "bool", expr: { kind: "stringTest", op, subject: left.expr, pattern, span } };
}

function checkPattern(
  checker: ExpressionChecker,
  op: PatternOp,
  pattern: Uint8Array,
  span: Span,
): boolean {
  try {
    if (op === "matches") parseGlob(pattern);
    else if (op === "=~" || op === "!~") {
      // Each target checks it anew, but it is compiled once.
      if (!checker.program.regexes.has(pattern)) checker.program.budget -= regexCost(pattern);
      checker.program.regexes.add(pattern);
      compileRegex(pattern);
    }
    return true;
  } catch (problem) {
    if (problem instanceof GlobError) checker.error("bad_glob", span, [problem.message]);
    else if (problem instanceof RegexError) checker.error("bad_regex", span, [problem.message]);
    else throw problem;
    return false;
  }
}

/** Comparison of a string that is not constant; undefined if the other side is no string. */
export function stringAgainst(
  checker: ExpressionChecker,
  op: CompareOp,
  subject: StringExpr,
  right: Value,
  span: Span,
): BoolExpr | undefined {
  if (right.is === "text") {
    warnString(checker, op, subject, right.bytes, span);
    return { kind: "stringTest", op, subject, pattern: right.bytes, span };
  }
  if (right.is !== "string") return undefined;
  return { kind: "stringCompare", op, left: subject, right: right.expr, span };
}

/** TASK_COMM_LEN without the NUL. */
const MAX_COMM = 15;

/** Comparisons that the nature of the subject makes false. */
function warnString(
  checker: ExpressionChecker,
  op: StringOp | "in",
  subject: StringExpr,
  pattern: Uint8Array,
  span: Span,
): void {
  const isEqual = op === "==" || op === "in";
  if (subject.kind === "stringVariable" && (subject.name === "COMM" || subject.name === "PCOMM")) {
    if ((isEqual || op === "startswith") && pattern.length > MAX_COMM) {
      checker.error("comparison_never", span, [
        `the kernel cuts ${subject.name} to ${MAX_COMM} bytes`,
      ]);
    }
  }
  const isFile =
    subject.kind === "pathOf" ||
    (subject.kind === "stringVariable" && (subject.name === "EXE" || subject.name === "CWD"));
  // Descriptors of no file print as `pipe:[1]`, `anon_inode:…`, deleted ones end in " (deleted)".
  if (
    isFile &&
    (isEqual || op === "startswith") &&
    pattern.length > 0 &&
    pattern[0] !== 47 &&
    !pattern.includes(58)
  ) {
    checker.error("comparison_never", span, ["a resolved path begins with `/`"]);
  }
}

/** Where the first member stands. */
function first(members: ReadonlyMap<string, { readonly span: Span }>): Span | undefined {
  return members.values().next().value?.span;
}

/** `operand in (…)`, `operand not in LIST`. */
export function checkIn(checker: ExpressionChecker, expr: Extract<Expr, { kind: "in" }>): Value {
  const operand = checker.value(expr.operand);
  const set = resolveSet(checker.program, expr.set);
  if (operand.is === "error") return operand;
  const test = membership(checker, operand, set, expr);
  if (!test || set.broken) return { is: "error", span: expr.span };
  return { is: "bool", expr: expr.negated ? not(test, expr.span) : test };
}

function membership(
  checker: ExpressionChecker,
  operand: Value,
  set: ConstantSet,
  expr: Extract<Expr, { kind: "in" }>,
): BoolExpr | undefined {
  const { span } = expr;
  const mixed = (what: string, where: Span | undefined): boolean => {
    if (!where) return false;
    // A list may stand far away: point at the set, and name the item.
    const inside = where.file === span.file && where.start >= span.start && where.end <= span.end;
    checker.error("mixed_set", inside ? where : span, [describeValue(operand), what], {
      related: inside ? [] : [{ message: "This item", span: where }],
    });
    return true;
  };
  switch (operand.is) {
    case "absent":
      return boolConstant(false, span);
    case "string":
    case "text": {
      if (mixed("a number", first(set.ranges)) || mixed("a network", first(set.networks)))
        return undefined;
      const values = Array.from(set.texts.values(), ({ bytes }) => bytes);
      if (operand.is === "text") {
        return boolConstant(
          values.some((v) => testString("==", operand.bytes, v)),
          span,
        );
      }
      for (const value of values) warnString(checker, "in", operand.expr, value, span);
      if (values.length === 0) return boolConstant(false, span);
      return { kind: "stringIn", subject: operand.expr, values, span };
    }
    case "address": {
      if (mixed("a string", first(set.texts)) || mixed("a number", first(set.ranges)))
        return undefined;
      const { index, field } = operand;
      checker.spend(set.networks.size, span);
      const tests = Array.from(
        set.networks.values(),
        ({ network }) => ({ kind: "inNetwork", index, field, ...network, span }) as const,
      );
      return connect("or", tests, span);
    }
    case "int":
    case "bool": {
      if (mixed("a string", first(set.texts)) || mixed("a network", first(set.networks)))
        return undefined;
      const number = checker.asInt(operand, expr.operand.span);
      return number && inRanges(number, operand, set, span);
    }
    default:
      checker.error("operand_type", span, ["in", describeValue(operand)]);
      return undefined;
  }
}

function inRanges(number: IntExpr, operand: Value, set: ConstantSet, span: Span): BoolExpr {
  const { unsigned } = number;
  const type = operand.is === "int" ? operand.type : undefined;
  const wrap = (value: bigint) => (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value));
  const ranges: { low: bigint; high: bigint }[] = [];
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
  if (merged.length === 0) return boolConstant(false, span);
  if (number.kind === "int") {
    const value = wrap(number.value);
    return boolConstant(
      merged.some(({ low, high }) => value >= low && value <= high),
      span,
    );
  }
  return { kind: "inRanges", operand: number, ranges: merged, unsigned, span };
}
