/** Parameters that are strings where another one has a value: `PARAMS[1] == PR_SET_NAME && PARAMS[2] startswith "kworker"`. */
import type { Expr } from "../ast.ts";
import type { Presentation, PresentedParam } from "../vocabulary.ts";
import type { Checker } from "./checker.ts";
import type { Program, Scope } from "./context.ts";

/** A value that makes strings of parameters. */
interface Command {
  /** Position of the parameter that has it, from 1. */
  readonly by: number;
  readonly name: string;
  readonly value: bigint;
  /** Positions, from 1. */
  readonly strings: readonly number[];
}

function commandsOf({ vocabulary }: Program, name: string, prototype: Presentation): Command[] {
  const { stringsBy } = vocabulary.knowledge(name);
  if (stringsBy === undefined) return [];
  const positionOf = (wanted: string): number =>
    prototype.params.findIndex((param) => param.name === wanted) + 1;
  return Object.entries(stringsBy.values).flatMap(([constant, strings]) => {
    const value = vocabulary.constant(constant);
    if (value === undefined) return [];
    return {
      by: positionOf(stringsBy.by),
      name: constant,
      value,
      strings: strings.map(positionOf),
    };
  });
}

/** The scope in which all of the operands of one `&&` are typed: what one of them fixes holds for the others. */
export function scopeOfAll(
  program: Program,
  scope: Scope | undefined,
  operands: readonly Expr[],
): Scope | undefined {
  if (scope === undefined) return undefined;
  const found = commandsOf(program, scope.name, scope.prototype).find((command) => {
    const seen = new Set<string>();
    return operands.some((operand) => fixes(program, operand, command, seen));
  });
  if (found === undefined) return scope;
  return {
    ...scope,
    prototype: { ...scope.prototype, params: withStrings(scope.prototype.params, found) },
  };
}

/** What parameters are in a call with these values. */
export function typedByValues(
  program: Program,
  name: string,
  prototype: Presentation,
  given: (position: number) => unknown,
): readonly PresentedParam[] {
  const found = commandsOf(program, name, prototype).find(({ by, value }) => given(by) === value);
  return found === undefined ? prototype.params : withStrings(prototype.params, found);
}

/** Where a parameter that is a number would be a string; undefined: nowhere. */
export function whereString({ program, scope }: Checker, index: number): string | undefined {
  if (scope === undefined) return undefined;
  const names = commandsOf(program, scope.name, scope.prototype).filter(({ strings }) =>
    strings.includes(index),
  );
  const [first] = names;
  if (first === undefined) return undefined;
  return `it is a string where the filter says \`PARAMS[${first.by}] == ${first.name} && …\``;
}

function withStrings(
  params: readonly PresentedParam[],
  { strings }: Command,
): readonly PresentedParam[] {
  return params.map((param, i) =>
    strings.includes(i + 1) ? { ...param, type: { ...param.type, kind: "string" } } : param,
  );
}

/** Whether a condition holds only where the parameter has the value. `seen` are the defines that were looked into. */
function fixes(program: Program, expr: Expr, command: Command, seen: Set<string>): boolean {
  if (expr.kind === "logical" && expr.op === "&&")
    return expr.operands.some((operand) => fixes(program, operand, command, seen));
  if (expr.kind === "name" && !seen.has(expr.name)) {
    seen.add(expr.name);
    const define = program.names.defines.get(expr.name);
    return define !== undefined && fixes(program, define.value, command, seen);
  }
  if (expr.kind !== "binary" || expr.op !== "==") return false;
  const { left, right } = expr;
  return (
    (isParam(left, command.by) && constantOf(program, right) === command.value) ||
    (isParam(right, command.by) && constantOf(program, left) === command.value)
  );
}

function isParam(expr: Expr, position: number): boolean {
  return (
    expr.kind === "index" &&
    expr.name === "PARAMS" &&
    expr.index.kind === "number" &&
    expr.index.value === BigInt(position)
  );
}

function constantOf({ names }: Program, expr: Expr): bigint | undefined {
  if (expr.kind === "number") return expr.value;
  return expr.kind === "name" ? names.constant(expr.name) : undefined;
}
