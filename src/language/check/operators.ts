/** Arithmetic and comparisons. */
import type { Span } from "../../base/span.ts";
import type { IntType } from "../../variables/index.ts";
import type { BinaryOp, Expr } from "../ast.ts";
import type { CompareOp, IntExpr } from "../checked/index.ts";
import { compareBytes, holds, mirror } from "../evaluate/arithmetic.ts";
import { accountKind, accountNumber } from "./accounts.ts";
import type { Checker } from "./checker.ts";
import { arithmetic, compare, not } from "./fold.ts";
import { checkAnyOf, listOf } from "./membership.ts";
import { checkStringTest, hintOf, isPatternOp, type PatternOp, stringAgainst } from "./tests.ts";
import {
  absentAtom,
  boolConstant,
  describeValue,
  intConstant,
  literal,
  type Value,
} from "./value.ts";
import { convertTo, rangeOf } from "./variables.ts";

type Binary = Extract<Expr, { kind: "binary" }>;

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);

function isComparison(op: BinaryOp): op is CompareOp {
  return COMPARISONS.has(op);
}

/** Any binary operator but && and ||. */
export function checkBinary(checker: Checker, expr: Binary): Value {
  const list = listOf(checker, expr.right);
  if (list) return checkAnyOf(checker, expr, list);
  const left = checker.value(expr.left);
  const bare = bareWord(checker, expr, left);
  if (bare) return bare;
  const right = checker.value(expr.right);
  const { op, span } = expr;
  if (left.is === "error") return left;
  if (right.is === "error") return right;
  if (isPatternOp(op)) return checkStringTest(checker, op, left, right, expr);
  return isComparison(op)
    ? checkComparison(checker, op, left, right, span)
    : checkArithmetic(checker, op, left, right, expr);
}

/** `COMM == bash`: a word where a string belongs, which means nothing else. */
function bareWord(checker: Checker, { op, right }: Binary, left: Value): Value | undefined {
  const wantsString = left.is === "string" && (isComparison(op) || isPatternOp(op));
  if (!wantsString || right.kind !== "name" || checker.program.names.isKnown(right.name))
    return undefined;
  return checker.error("unknown_name", right.span, [right.name], {
    expected: "a string in double quotes",
    hint: `write \`"${right.name}"\``,
  });
}

function checkArithmetic(
  checker: Checker,
  op: Exclude<BinaryOp, CompareOp | PatternOp>,
  left: Value,
  right: Value,
  expr: Binary,
): Value {
  if (left.is === "absent") return left;
  if (right.is === "absent") return right;
  const a = checker.asInt(left, expr.left.span);
  const b = checker.asInt(right, expr.right.span);
  if (!a || !b) {
    return checker.error(
      "type_mismatch",
      expr.span,
      [op, describeValue(left), describeValue(right)],
      {
        expected: "two numbers",
      },
    );
  }
  if ((op === "/" || op === "%") && b.kind === "int" && b.value === 0n) {
    checker.error("division_by_zero", expr.span, []);
  }
  if ((op === "<<" || op === ">>") && b.kind === "int" && (b.value < 0n || b.value > 63n)) {
    checker.error("shift_count", expr.right.span, [String(b.value)]);
  }
  return { is: "int", expr: arithmetic(op, a, b, expr.span) };
}

function checkComparison(
  checker: Checker,
  op: CompareOp,
  left: Value,
  right: Value,
  span: Span,
): Value {
  if (left.is === "absent" || right.is === "absent") {
    return { is: "bool", expr: absentAtom(span) };
  }
  // A constant stands right in all that follows.
  if (isConstant(left) && !isConstant(right)) {
    return checkComparison(checker, mirror(op), right, left, span);
  }
  const mismatch = (extra = {}) =>
    checker.error("type_mismatch", span, [op, describeValue(left), describeValue(right)], extra);
  const equality = op === "==" || op === "!=";
  switch (left.is) {
    case "text":
      if (right.is !== "text") return mismatch();
      return {
        is: "bool",
        expr: boolConstant(holds(op, compareBytes(left.bytes, right.bytes)), span),
      };
    case "string": {
      const tested = stringAgainst(checker, op, left.expr, right, span);
      if (tested) return { is: "bool", expr: tested };
      // PARAMS[1] == NULL
      if (left.pointer && equality && isNull(right)) {
        return { is: "bool", expr: compare(op, left.pointer, intConstant(0n, true, span), span) };
      }
      return mismatch(right.is === "int" ? { expected: "a string in double quotes" } : {});
    }
    case "pointer":
      if (equality && isNull(right)) {
        return { is: "bool", expr: compare(op, left.expr, intConstant(0n, true, span), span) };
      }
      return mismatch({ hint: "compare one of its fields: PARAMS[n].field" });
    case "address": {
      const number = left.number && checker.asInt(right, span);
      if (left.number && number) {
        return { is: "bool", expr: compare(op, left.number, number, span) };
      }
      if (!equality || right.is !== "network")
        return mismatch({ expected: "an address such as 10.0.0.1" });
      const test = { ...left.of, ...right.network, span } as const;
      return { is: "bool", expr: op === "==" ? test : not(test, span) };
    }
    case "int":
    case "bool": {
      const kind = equality && right.is === "text" ? accountKind(left) : undefined;
      if (kind && right.is === "text") {
        const id = accountNumber(checker.program, kind, right.bytes, right.span);
        if (id === undefined) return { is: "error", span };
        if (id === null) return { is: "bool", expr: boolConstant(op === "!=", span) };
        return checkComparison(checker, op, left, literal(id, right.span), span);
      }
      const a = checker.asInt(left, span);
      const b = checker.asInt(right, span);
      if (!a || !b) return mismatch(right.is === "text" ? hintOf(checker, left) : {});
      const type = left.is === "int" ? left.type : undefined;
      const constant = equality && b.kind === "int" ? convertConstant(b, type) : b;
      if (constant.kind === "int" && a.kind !== "int")
        warnRange(checker, op, a, type, constant.value, span);
      return { is: "bool", expr: compare(op, a, constant, span) };
    }
    default:
      return mismatch();
  }
}

function isConstant(value: Value): boolean {
  return (
    value.is === "text" ||
    value.is === "network" ||
    (value.is === "int" && value.expr.kind === "int")
  );
}

function isNull(value: Value): boolean {
  return value.is === "int" && value.expr.kind === "int" && value.expr.value === 0n;
}

/** As C converts: -1 compared with a 32-bit unsigned number means 0xffffffff. */
function convertConstant(
  constant: IntExpr & { kind: "int" },
  type: IntType | undefined,
): IntExpr & { kind: "int" } {
  const value = convertTo(constant.value, type);
  return value === constant.value ? constant : { ...constant, value };
}

function warnRange(
  checker: Checker,
  op: CompareOp,
  operand: IntExpr,
  type: IntType | undefined,
  value: bigint,
  span: Span,
): void {
  if (!type || operand.unsigned) return;
  const [low, high] = rangeOf(type);
  const never =
    (op === "==" && (value < low || value > high)) ||
    ((op === "<" || op === "<=") && (op === "<" ? value <= low : value < low)) ||
    ((op === ">" || op === ">=") && (op === ">" ? value >= high : value > high));
  if (never) checker.error("comparison_never", span, [`the number lies in ${low}..${high}`]);
}
