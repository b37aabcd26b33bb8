/** What COUNT is given, typed for each call of its rule. */
import type { Span } from "../../base/span.ts";
import { variable } from "../../variables/index.ts";
import type { ActionEntry, CountEntryKind, Expr } from "../ast.ts";
import type {
  CheckedAction,
  Counted,
  CountedValues,
  CountKey,
  CountMeasure,
  IntExpr,
} from "../checked/index.ts";
import { isOfSite } from "../checked/looked-at.ts";
import { visit } from "../checked/visit.ts";
import { MOST_KEYS, MOST_MEASURES } from "../count/limits.ts";
import { printExpr } from "../print-expression.ts";
import type { RuleProgram, Scope } from "./context.ts";
import { ExpressionChecker } from "./expression.ts";
import { describeValue, type Value } from "./value.ts";

const EXPECTED =
  "a number, a string or an address of the call, such as `COMM`, `PATH`, `PARAMS[2].addr`";

type Entries = ReadonlyMap<string, ActionEntry>;
type Typed = Counted | "error";

const KINDS = { int: "a number", text: "a string", address: "an address" } as const;

interface Column {
  readonly kind: CountEntryKind;
  readonly expr: Expr;
  /** For each call. */
  readonly typed: readonly Counted[];
}

/** Undefined after an error. What it means for each call goes into `counted`, by the name of the call. */
export function checkCount(
  program: RuleProgram,
  entries: Entries,
  scopes: readonly Scope[],
  counted: Map<string, CountedValues>,
  span: Span,
): CheckedAction | undefined {
  const by = columnsOf(program, entries, "by", scopes);
  const sums = columnsOf(program, entries, "sum", scopes);
  const hists = columnsOf(program, entries, "hist", scopes);
  if (!by || !sums || !hists) return undefined;
  const measures = [...sums, ...hists];
  scopes.forEach(({ name }, i) => {
    counted.set(name, {
      by: by.map(({ typed }) => typed[i] ?? { is: "absent" }),
      measures: measures.map(({ typed }) => numberOf(typed[i])),
    });
  });
  return { type: "COUNT", by: by.map(keyOf), measures: measures.map(measureOf), span };
}

function columnsOf(
  program: RuleProgram,
  entries: Entries,
  kind: CountEntryKind,
  scopes: readonly Scope[],
): Column[] | undefined {
  const entry = entries.get(kind);
  if (entry === undefined || !("values" in entry)) return [];
  const most = kind === "by" ? MOST_KEYS : MOST_MEASURES;
  if (entry.values.length > most) {
    program.report.add("count_too_many", entry.span, [most, kind]);
    return undefined;
  }
  const columns = entry.values.map((expr) => columnOf(program, kind, expr, scopes));
  const good = columns.filter((column) => column !== undefined);
  return good.length === columns.length ? good : undefined;
}

/** One kind of value for all calls: a column is of numbers or of text. */
function columnOf(
  program: RuleProgram,
  kind: CountEntryKind,
  expr: Expr,
  scopes: readonly Scope[],
): Column | undefined {
  const typed: Counted[] = [];
  let first: { readonly is: keyof typeof KINDS; readonly name: string } | undefined;
  for (const scope of scopes) {
    const one = typeFor(new ExpressionChecker(program, scope), kind, expr);
    if (one === "error") return undefined;
    typed.push(one);
    if (one.is === "absent") continue;
    first ??= { is: one.is, name: scope.name };
    if (first.is === one.is) continue;
    const args = [printExpr(expr), KINDS[first.is], first.name, KINDS[one.is], scope.name] as const;
    program.report.add("count_types", expr.span, [...args], {
      hint: "a rule for each kind of call counts them apart",
    });
    return undefined;
  }
  return { kind, expr, typed };
}

function typeFor(checker: ExpressionChecker, kind: CountEntryKind, expr: Expr): Typed {
  const value = checker.value(expr);
  if (value.is === "error") return "error";
  if (value.is === "absent") return value;
  if (value.is === "string" && kind === "by") return { is: "text", value: value.expr };
  if (value.is === "address" && kind === "by")
    return { is: "address", value: { ...value.of, span: expr.span } };
  const number =
    value.is === "int" || value.is === "bool" ? numberIn(checker, value, expr) : undefined;
  if (number !== undefined && !looksAtText(number)) return { is: "int", value: number };
  const what = number === undefined ? describeValue(value) : "a condition on text";
  checker.error("count_value", expr.span, [what], {
    expected: kind === "by" ? EXPECTED : "a number of the call, such as `RETVAL` or `DURATION`",
  });
  return "error";
}

function numberIn(checker: ExpressionChecker, value: Value, { span }: Expr): IntExpr | undefined {
  const number = checker.asInt(value, span);
  // the same for all calls
  return number?.kind === "int" ? undefined : number;
}

const OF_TEXT = ["stringTest", "stringIn", "stringCompare", "inNetwork", "descendsFrom"];

function looksAtText(value: IntExpr): boolean {
  let found = false;
  visit(value, ({ kind }) => {
    found ||= OF_TEXT.includes(kind);
  });
  return found;
}

function numberOf(one: Counted | undefined): CountedValues["measures"][number] {
  return one?.is === "int" ? one : { is: "absent" };
}

function isUnsigned({ typed }: Column): boolean {
  const numbers = typed.flatMap((one) => (one.is === "int" ? [one.value] : []));
  return numbers.length > 0 && numbers.every(({ unsigned }) => unsigned);
}

function keyOf(column: Column): CountKey {
  return { title: printExpr(column.expr), is: placeOf(column), unsigned: isUnsigned(column) };
}

/** A variable is one for all calls. */
function placeOf({ typed }: Column): CountKey["is"] {
  const one = typed.find(({ is }) => is !== "absent");
  if (one === undefined || one.is === "absent") return "int";
  if (one.is === "address") return one.is;
  if (isOfSite(one.value)) return "site";
  if (one.is === "int") return "int";
  const isName =
    one.value.kind === "stringVariable" && variable(one.value.name).record.in === "name";
  return isName ? "name" : "text";
}

function measureOf(column: Column): CountMeasure {
  const kind = column.kind === "hist" ? "hist" : "sum";
  return { kind, title: printExpr(column.expr), unsigned: isUnsigned(column) };
}
