import type { Expr, SetItem } from "./ast.ts";

/** The expressions directly inside an expression. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "index":
      return [expr.index];
    case "field":
      return [expr.base];
    case "call":
      return expr.args;
    case "unary":
      return [expr.operand];
    case "binary":
      return [expr.left, expr.right];
    case "logical":
      return expr.operands;
    case "in":
      return [expr.operand, ...expr.set.flatMap(setChildren)];
    case "set":
      return expr.items.flatMap(setChildren);
    case "number":
    case "string":
    case "network":
    case "name":
    case "error":
      return [];
  }
}

function setChildren(item: SetItem): Expr[] {
  return item.kind === "value" ? [item.value] : [item.low, item.high];
}
