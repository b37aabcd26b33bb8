/** `in`, and operators with a list on their right. */
import type { Span } from "../../base/span.ts";
import type { Expr, SetItem } from "../ast.ts";
import type { BoolExpr, IntExpr } from "../checked/index.ts";
import { testString } from "../evaluate/string-test.ts";
import { reportEscapes } from "../parse/cursor.ts";
import { accountKind, accountNumber } from "./accounts.ts";
import type { Checker } from "./checker.ts";
import type { ConstantSet } from "./constant-set.ts";
import { connect, not } from "./fold.ts";
import { resolveSet } from "./set.ts";
import { firstOf, isFirst, rangesOf, textsOf } from "./set-views.ts";
import { warnString } from "./string-warnings.ts";
import { checkPattern, isPatternOp, mismatch, type PatternOp, stringTest } from "./tests.ts";
import { absentAtom, boolConstant, describeValue, type Value } from "./value.ts";

type In = Extract<Expr, { kind: "in" }>;
type Binary = Extract<Expr, { kind: "binary" }>;

/** `operand in (…)`, `operand not in LIST`. */
export function checkIn(checker: Checker, expr: In): Value {
  const operand = checker.value(expr.operand);
  const set = resolveSet(checker, expr.set);
  if (operand.is === "error") return operand;
  const test = membership(checker, operand, set, expr);
  if (!test || set.broken) return { is: "error", span: expr.span };
  return { is: "bool", expr: expr.negated ? not(test, expr.span) : test };
}

/** The members of the list on the right of an operator; undefined if none stands there. */
export function listOf({ program }: Checker, expr: Expr): readonly SetItem[] | undefined {
  if (expr.kind === "set") return expr.items;
  const isList = expr.kind === "name" && program.names.lists.has(expr.name);
  return isList ? [{ kind: "value", value: expr, span: expr.span }] : undefined;
}

/** Any of a list: `PATH matches LIST`, `COMM == ("a", "b")`; `!=` and `!~` say that it is none of it. */
export function checkAnyOf(checker: Checker, expr: Binary, set: readonly SetItem[]): Value {
  const { op, left: operand, right, span } = expr;
  if (op === "==" || op === "!=") {
    return checkIn(checker, { kind: "in", negated: op === "!=", operand, set, span });
  }
  const subject = checker.value(operand);
  if (subject.is === "error") return subject;
  if (!isPatternOp(op)) {
    const name = right.kind === "name" ? right.name : "(…)";
    return checker.error("list_as_value", right.span, [name], {
      hint: `\`${op}\` compares with one value; \`in\`, \`==\` and tests of strings take a list`,
    });
  }
  const members = resolveSet(checker, set);
  return members.broken ? { is: "error", span } : anyPattern(checker, op, subject, members, span);
}

/** As the operators say it one by one: any of them is true, or with `!~` all are. */
function anyPattern(
  checker: Checker,
  op: PatternOp,
  subject: Value,
  set: ConstantSet,
  span: Span,
): Value {
  if (subject.is !== "string" && subject.is !== "text" && subject.is !== "absent")
    return mismatch(checker, op, subject, "a list of strings", span);
  if (isMixed(checker, subject, set, "texts", span)) return { is: "error", span };
  const tests: BoolExpr[] = [];
  checker.spend(set.texts.size, span);
  const isText = op !== "=~" && op !== "!~" && op !== "matches";
  for (const { bytes, span: member, escapes } of set.texts.values()) {
    if (isText) reportEscapes(checker.program.report, escapes);
    const related = isWithin(member, span) ? [] : [{ message: `Used by \`${op}\` here`, span }];
    if (!checkPattern(checker, op, bytes, member, { related })) continue;
    const test = stringTest(
      checker,
      op,
      subject,
      { is: "text", bytes, span: member },
      span,
      member,
    );
    if (test) tests.push(test);
  }
  if (tests.length < set.texts.size) return { is: "error", span };
  return { is: "bool", expr: connect(op === "!~" ? "and" : "or", tests, span) };
}

function isWithin(inner: Span, outer: Span): boolean {
  return inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;
}

/** Reports a member that the operand cannot be compared with. */
function isMixed(
  checker: Checker,
  operand: Value,
  set: ConstantSet,
  fits: "texts" | "ranges" | "networks",
  span: Span,
): boolean {
  const kinds = [
    ["texts", "a string", set.texts],
    ["ranges", "a number", set.ranges],
    ["networks", "a network", set.networks],
  ] as const;
  for (const [kind, what, members] of kinds) {
    const where = kind === fits ? undefined : firstOf(members);
    if (!where) continue;
    // A list may stand far away: point at the set, and name the item.
    const inside = isWithin(where, span);
    checker.error("mixed_set", inside ? where : span, [describeValue(operand), what], {
      related: inside ? [] : [{ message: "This item", span: where }],
    });
    return true;
  }
  return false;
}

function membership(
  checker: Checker,
  operand: Value,
  set: ConstantSet,
  expr: In,
): BoolExpr | undefined {
  const { span } = expr;
  switch (operand.is) {
    case "absent":
      return absentAtom(span);
    case "string":
    case "text": {
      if (isMixed(checker, operand, set, "texts", span)) return undefined;
      checkTexts(checker, set, operand);
      const values = textsOf(set);
      if (operand.is === "text") {
        return boolConstant(
          values.some((v) => testString("==", operand.bytes, v)),
          span,
        );
      }
      if (values.length === 0) return boolConstant(false, span);
      return { kind: "stringIn", subject: operand.expr, values, span };
    }
    case "address": {
      if (isMixed(checker, operand, set, "networks", span)) return undefined;
      checker.spend(set.networks.size, span);
      const tests = Array.from(
        set.networks.values(),
        ({ network }) => ({ ...operand.of, ...network, span }) as const,
      );
      return connect("or", tests, span);
    }
    case "int":
    case "bool": {
      const members = withNumbers(checker, operand, set);
      if (!members || isMixed(checker, operand, members, "ranges", span)) return undefined;
      const number = checker.asInt(operand, expr.operand.span);
      return number && inRanges(number, operand, members, span);
    }
    default:
      checker.error("operand_type", span, ["in", describeValue(operand)]);
      return undefined;
  }
}

/** Members that are compared as they stand. What is wrong with them is said where they stand, once for what they are compared with. */
function checkTexts(checker: Checker, set: ConstantSet, operand: Value): void {
  const subject = operand.is === "string" ? operand.expr : undefined;
  const kind = subject?.kind === "stringVariable" ? subject.name : (subject?.kind ?? "text");
  if (!isFirst(set, kind)) return;
  for (const { bytes, span, escapes } of set.texts.values()) {
    reportEscapes(checker.program.report, escapes);
    if (subject) warnString(checker, "in", subject, bytes, span);
  }
}

/** Names of users and groups as their numbers, where the operand is one. */
function withNumbers(
  { program }: Checker,
  operand: Value,
  set: ConstantSet,
): ConstantSet | undefined {
  const kind = set.texts.size > 0 ? accountKind(operand) : undefined;
  if (!kind) return set;
  const ranges = new Map(set.ranges);
  for (const { bytes, span } of set.texts.values()) {
    const id = accountNumber(program, kind, bytes, span);
    if (id === undefined) return undefined;
    if (id !== null) ranges.set(`${id}..${id}`, { low: id, high: id, span });
  }
  return { ...set, ranges, texts: new Map() };
}

function inRanges(number: IntExpr, operand: Value, set: ConstantSet, span: Span): BoolExpr {
  const { unsigned } = number;
  const ranges = rangesOf(set, operand.is === "int" ? operand.type : undefined, unsigned);
  if (ranges.length === 0) return boolConstant(false, span);
  if (number.kind !== "int") {
    return { kind: "inRanges", operand: number, ranges, unsigned, span };
  }
  const value = unsigned ? BigInt.asUintN(64, number.value) : BigInt.asIntN(64, number.value);
  return boolConstant(
    ranges.some(({ low, high }) => value >= low && value <= high),
    span,
  );
}
