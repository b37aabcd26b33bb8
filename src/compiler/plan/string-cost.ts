/** Which tests of text run an automaton, which needs the text in task storage. */
import type { BoolExpr, Node, StringExpr } from "../../language/checked/index.ts";
import { OPERATOR_TRAITS, visit } from "../../language/index.ts";
import { variable } from "../../variables/index.ts";

/** Whether the node follows its text byte by byte. */
export function runsAutomaton(node: Node): boolean {
  if (node.kind === "stringIn") return true;
  if (node.kind === "stringCompare")
    return !(isName(node.left) && isName(node.right) && (node.op === "==" || node.op === "!="));
  return node.kind === "stringTest" && !OPERATOR_TRAITS[node.op].inPlace;
}

/** Of a thread: two words of the record. */
export function isName(expr: StringExpr): boolean {
  return expr.kind === "stringVariable" && variable(expr.name).record.in === "name";
}

export function needsAutomaton(filter: BoolExpr): boolean {
  let needs = false;
  visit(filter, (node) => {
    needs ||= runsAutomaton(node);
  });
  return needs;
}
