/** What operators, operands and sets ask of the checker of the expression that they are part of. */
import type { Span } from "../../base/span.ts";
import type { Expr } from "../ast.ts";
import type { BoolExpr, IntExpr } from "../checked/index.ts";
import type { Arguments, Code } from "../messages.ts";
import type { Extra } from "../report.ts";
import type { RuleProgram, Scope } from "./context.ts";
import type { Value } from "./value.ts";

export interface Checker {
  readonly program: RuleProgram;
  /** Absent for constants. */
  readonly scope: Scope | undefined;
  /** The result depends on the parameters of the call. */
  usesCall: boolean;
  /** Reports, and says through which defines it was reached. */
  error<C extends Code>(code: C, span: Span, args: Arguments<C>, extra?: Extra): Value;
  /** Types any expression. */
  value(expr: Expr): Value;
  /** The expression as a constant integer; undefined after an error. */
  integer(expr: Expr): bigint | undefined;
  /** The value as a condition; undefined after an error. */
  asBool(value: Value, span: Span): BoolExpr | undefined;
  /** The value as a number; undefined if it is none, which is not reported. */
  asInt(value: Value, span: Span): IntExpr | undefined;
  /** Counts operands that are made; more than a filter or all rules may have are an error. */
  spend(nodes: number, span: Span): void;
  /** For the items of sets: they belong to no call. */
  ofConstants(): Checker;
}
