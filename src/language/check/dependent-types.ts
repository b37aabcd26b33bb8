/** Parameters that are strings where another one has a value: `PARAMS[1] == PR_SET_NAME && PARAMS[2] startswith "kworker"`. */
import type { Expr } from "../ast.ts";
import { isOneOf } from "../fixed-parameter.ts";
import type { Fixed, Presentation, PresentedParam, TypeCase } from "../vocabulary.ts";
import type { Checker } from "./checker.ts";
import type { RuleProgram, Scope } from "./context.ts";
import type { NamedCall } from "./targets.ts";

/** Strings of the calls in which parameters have certain values. */
interface Command extends Pick<TypeCase, "when" | "names"> {
  /** Positions, from 1. */
  readonly strings: readonly number[];
}

function commandsOf({ vocabulary }: RuleProgram, name: string): Command[] {
  return vocabulary.typeCases(name).flatMap(({ when, names, types }) => {
    const strings = [...types].flatMap(([position, type]) => (type === "string" ? position : []));
    return strings.length === 0 ? [] : [{ when, names, strings }];
  });
}

/** The scope in which all of the operands of one `&&` are typed: what one of them fixes holds for the others. */
export function scopeOfAll(
  program: RuleProgram,
  scope: Scope | undefined,
  operands: readonly Expr[],
): Scope | undefined {
  if (scope === undefined) return undefined;
  const found = commandOfAll(program, scope.name, operands);
  return found === undefined ? scope : { ...scope, prototype: withStrings(scope.prototype, found) };
}

/** The call as a rule sees it all of whose calls pass the filter: keys of counts, lines and events have the strings, too. */
export function typedByFilter(
  program: RuleProgram,
  { scope, presentations }: Pick<NamedCall, "scope" | "presentations">,
  filter: Expr | undefined,
): Pick<NamedCall, "scope" | "presentations"> {
  const found = filter && commandOfAll(program, scope.name, [filter]);
  if (found === undefined) return { scope, presentations };
  return {
    scope: { ...scope, prototype: withStrings(scope.prototype, found) },
    presentations: presentations.map((one) => withStrings(one, found)),
  };
}

function commandOfAll(
  program: RuleProgram,
  name: string,
  operands: readonly Expr[],
): Command | undefined {
  return commandsOf(program, name).find(({ when }) =>
    when.every((fixed) => {
      const seen = new Set<string>();
      return operands.some((operand) => fixes(program, operand, fixed, seen));
    }),
  );
}

/** What parameters are in a call with these values. */
export function typedByValues(
  program: RuleProgram,
  name: string,
  prototype: Presentation,
  given: (position: number) => unknown,
): readonly PresentedParam[] {
  const found = commandsOf(program, name).find(({ when }) =>
    when.every((fixed) => {
      const value = given(fixed.param);
      return typeof value === "bigint" && isOneOf(fixed, value);
    }),
  );
  return (found === undefined ? prototype : withStrings(prototype, found)).params;
}

/** Where a parameter that is a number would be a string; undefined: nowhere. */
export function whereString({ program, scope }: Checker, index: number): string | undefined {
  if (scope === undefined) return undefined;
  const first = commandsOf(program, scope.name).find(({ strings }) => strings.includes(index));
  if (first === undefined) return undefined;
  const says = first.when.map(({ param }, i) => `PARAMS[${param}] == ${first.names[i]}`);
  return `it is a string where the filter says \`${says.join(" && ")} && …\``;
}

/** Presentations with strings, by which parameters are: rules that look at calls alike share them. */
const withTheirStrings = new WeakMap<Presentation, Map<string, Presentation>>();

function withStrings(presentation: Presentation, { strings }: Command): Presentation {
  const known = withTheirStrings.get(presentation) ?? new Map<string, Presentation>();
  withTheirStrings.set(presentation, known);
  const key = strings.join();
  let typed = known.get(key);
  if (typed === undefined) {
    const params = presentation.params.map((param, i): PresentedParam => {
      const isString = strings.includes(i + 1);
      return isString ? { ...param, type: { ...param.type, kind: "string" } } : param;
    });
    typed = { ...presentation, params };
    known.set(key, typed);
  }
  return typed;
}

/** Whether a condition holds only where the parameter has the value. `seen` are the defines that were looked into. */
function fixes(program: RuleProgram, expr: Expr, command: Fixed, seen: Set<string>): boolean {
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
    (isParam(left, command.param) && isMet(program, command, right)) ||
    (isParam(right, command.param) && isMet(program, command, left))
  );
}

function isMet(program: RuleProgram, command: Fixed, expr: Expr): boolean {
  const value = constantOf(program, expr);
  return value !== undefined && isOneOf(command, value);
}

function isParam(expr: Expr, position: number): boolean {
  return (
    expr.kind === "index" &&
    expr.name === "PARAMS" &&
    expr.index.kind === "number" &&
    expr.index.value === BigInt(position)
  );
}

function constantOf({ names }: RuleProgram, expr: Expr): bigint | undefined {
  if (expr.kind === "number") return expr.value;
  return expr.kind === "name" ? names.constant(expr.name) : undefined;
}
