/**
 * What a filter comes to without text: numbers in registers, ids and names of the task cost next to nothing, while
 * a string or a path costs more than all else at the entry of a call. A call that fails already here is left alone.
 */

import type { BoolExpr, Node } from "../../language/checked/index.ts";
import { NODE_TRAITS, visit } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { groupOf } from "../../variables/index.ts";
import { runsAutomaton } from "./string-cost.ts";

/**
 * A condition that is true whenever the filter may turn out true or unreadable, made of cheap atoms only.
 * The constant true when nothing can be said.
 */
export function prefilter(filter: BoolExpr, presentation: Presentation): BoolExpr {
  return relax(filter, presentation, true);
}

/** `unknown` is what a condition that is not cheap counts as. */
function relax(expr: BoolExpr, p: Presentation, unknown: boolean): BoolExpr {
  switch (expr.kind) {
    case "not": {
      const operand = relax(expr.operand, p, !unknown);
      return operand.kind === "constant"
        ? { ...operand, value: !operand.value }
        : { ...expr, operand };
    }
    case "and":
    case "or": {
      const left = relax(expr.left, p, unknown);
      const right = relax(expr.right, p, unknown);
      // a constant either decides the whole or leaves it to the other side
      const decides = expr.kind === "or";
      if (left.kind === "constant") return left.value === decides ? left : right;
      if (right.kind === "constant") return right.value === decides ? right : left;
      return { ...expr, left, right };
    }
    case "constant":
      return expr;
    default:
      return isCheap(expr, p) ? expr : { kind: "constant", value: unknown, span: expr.span };
  }
}

function isCheap(atom: BoolExpr, p: Presentation): boolean {
  let cheap = true;
  visit(atom, (node) => {
    cheap &&= isCheapNode(node, p);
  });
  return cheap;
}

function isCheapNode(node: Node, p: Presentation): boolean {
  if (node.kind === "variable" || node.kind === "stringVariable")
    // what the record of the task holds at entry; RETVAL is not there yet
    return groupOf(node.name) !== undefined;
  if (node.kind === "param") {
    const source = p.params[node.index - 1]?.source.kind;
    return source === "arg" || source === "constant";
  }
  return NODE_TRAITS[node.kind].reads === "none" && !runsAutomaton(node);
}
