/** Tests of a string against one constant; lists of them are in membership.ts. */
import type { Span } from "../../base/span.ts";
import type { BinaryOp, Expr } from "../ast.ts";
import type { BoolExpr, CompareOp, StringExpr, StringOp } from "../checked/index.ts";
import { testString } from "../evaluate/string-test.ts";
import type { Extra } from "../report.ts";
import { GlobError, parseGlob } from "../strings/glob.ts";
import { compileRegex, RegexError, regexCost } from "../strings/regex.ts";
import type { Checker } from "./checker.ts";
import { whereString } from "./dependent-types.ts";
import { warnString } from "./string-warnings.ts";
import { absentAtom, boolConstant, describeValue, type Value } from "./value.ts";

export type PatternOp = Exclude<StringOp, CompareOp> & BinaryOp;

const EXPECTED: Readonly<Record<PatternOp, string>> = {
  "=~": "a string and a regular expression",
  "!~": "a string and a regular expression",
  matches: "a string and a glob",
  startswith: "a string and a constant string",
  endswith: "a string and a constant string",
  contains: "a string and a constant string",
  icontains: "a string and a constant string",
};

export function isPatternOp(op: string): op is PatternOp {
  return Object.hasOwn(EXPECTED, op);
}

/** `matches`, `=~`, `contains` and their like. */
export function checkStringTest(
  checker: Checker,
  op: PatternOp,
  left: Value,
  right: Value,
  expr: Extract<Expr, { kind: "binary" }>,
): Value {
  const { span } = expr;
  if (right.is === "text") {
    const isSound = checkPattern(checker, op, right.bytes, expr.right.span);
    const test = isSound && stringTest(checker, op, left, right, span);
    return test ? { is: "bool", expr: test } : { is: "error", span };
  }
  if (left.is === "absent") return { is: "bool", expr: absentAtom(span) };
  if (left.is === "string" && right.is === "string") {
    return checker.error("not_constant", expr.right.span, ["The pattern"], {
      expected: EXPECTED[op],
    });
  }
  return mismatch(checker, op, left, describeValue(right), span);
}

export function mismatch(
  checker: Checker,
  op: PatternOp,
  left: Value,
  right: string,
  span: Span,
): Value {
  return checker.error("type_mismatch", span, [op, describeValue(left), right], {
    expected: EXPECTED[op],
    ...hintOf(checker, left),
  });
}

/** For a number that another parameter can make a string. */
export function hintOf(checker: Checker, value: Value): { hint?: string } {
  if (value.is !== "int" || value.expr.kind !== "param") return {};
  const hint = whereString(checker, value.expr.index);
  return hint === undefined ? {} : { hint };
}

/** The test of a value against a sound pattern; undefined after an error. `right` is where warnings point. */
export function stringTest(
  checker: Checker,
  op: PatternOp,
  left: Value,
  right: Extract<Value, { is: "text" }>,
  span: Span,
  warnedAt = span,
): BoolExpr | undefined {
  const { bytes: pattern } = right;
  switch (left.is) {
    case "absent":
      return absentAtom(span);
    case "text":
      return boolConstant(testString(op, left.bytes, pattern), span);
    case "string":
      warnString(checker, op, left.expr, pattern, warnedAt);
      return { kind: "stringTest", op, subject: left.expr, pattern, span };
    default:
      mismatch(checker, op, left, describeValue(right), span);
      return undefined;
  }
}

/** Whether a pattern is well formed; says why not. */
export function checkPattern(
  checker: Checker,
  op: PatternOp,
  pattern: Uint8Array,
  span: Span,
  extra: Extra = {},
): boolean {
  try {
    if (op === "matches") parseGlob(pattern);
    else if (op === "=~" || op === "!~") {
      // Each target checks it again, but it is compiled once.
      if (!checker.program.regexes.has(pattern)) checker.program.budget -= regexCost(pattern);
      checker.program.regexes.add(pattern);
      compileRegex(pattern);
    }
    return true;
  } catch (problem) {
    if (problem instanceof GlobError) checker.error("bad_glob", span, [problem.message], extra);
    else if (problem instanceof RegexError)
      checker.error("bad_regex", span, [problem.message], extra);
    else throw problem;
    return false;
  }
}

/** Comparison of a string that is not constant; undefined if the other side is no string. */
export function stringAgainst(
  checker: Checker,
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
