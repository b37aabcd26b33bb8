/** Makes expressions; each stands where what it was made from stands. */
import type { Span } from "../../base/span.ts";
import type { BinaryOp, Expr } from "../ast.ts";

export interface Builder {
  readonly name: (name: string) => Expr;
  /** `PARAMS[2]`, `PATH[1]`. */
  readonly at: (name: string, index: number) => Expr;
  readonly field: (base: Expr, path: string) => Expr;
  readonly text: (value: Uint8Array) => Expr;
  readonly number: (value: number) => Expr;
  readonly binary: (left: Expr, op: BinaryOp, right: Expr) => Expr;
  /** `operand in (…)`. */
  readonly among: (operand: Expr, values: readonly Expr[]) => Expr;
  readonly set: (values: readonly Expr[]) => Expr;
  readonly not: (operand: Expr) => Expr;
  /** Conditions that are undefined are left out. */
  readonly all: (...operands: readonly (Expr | undefined)[]) => Expr;
  readonly any: (...operands: readonly (Expr | undefined)[]) => Expr;
}

export function builderAt(span: Span): Builder {
  const number = (value: number): Expr => ({
    kind: "number",
    text: String(value),
    value: BigInt(value),
    span,
  });
  const items = (values: readonly Expr[]) =>
    values.map((value) => ({ kind: "value", value, span: value.span }) as const);
  const join = (op: "&&" | "||", given: readonly (Expr | undefined)[]): Expr => {
    const operands = given.flatMap((one) =>
      one?.kind === "logical" && one.op === op ? one.operands : one === undefined ? [] : [one],
    );
    const [only] = operands;
    return operands.length === 1 && only ? only : { kind: "logical", op, operands, span };
  };
  return {
    name: (name) => ({ kind: "name", name, span }),
    at: (name, index) => ({ kind: "index", name, index: number(index), span }),
    field: (base, path) => ({ kind: "field", base, path, span }),
    text: (value) => ({ kind: "string", value, span }),
    number,
    binary: (left, op, right) => ({ kind: "binary", op, left, right, span }),
    among: (operand, values) => ({
      kind: "in",
      negated: false,
      operand,
      set: items(values),
      span,
    }),
    set: (values) => ({ kind: "set", items: items(values), span }),
    not: (operand) => ({ kind: "unary", op: "!", operand, span }),
    all: (...operands) => join("&&", operands),
    any: (...operands) => join("||", operands),
  };
}
