/** Which tests of text run an automaton, which needs the text in task storage. */
import type { BoolExpr, Node } from "../../language/checked/index.ts";
import { OPERATOR_TRAITS, visit } from "../../language/index.ts";

/** Whether the node follows its text byte by byte. */
export function runsAutomaton(node: Node): boolean {
  if (node.kind === "stringIn") return true;
  return node.kind === "stringTest" && !OPERATOR_TRAITS[node.op].inPlace;
}

export function needsAutomaton(filter: BoolExpr): boolean {
  let needs = false;
  visit(filter, (node) => {
    needs ||= runsAutomaton(node);
  });
  return needs;
}
