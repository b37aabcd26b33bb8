/** The one walk over checked expressions: each search in a rule visits its nodes here. */
import type { Node } from "./expression.ts";

/**
 * Calls `see` for the expression and every node inside it, operands from left to right. A kind of node that is missing
 * here does not compile.
 */
export function visit(node: Node, see: (node: Node) => void): void {
  // explicit stack: chains of || from generated rules can be thousands long
  const todo: Node[] = [node];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    see(next);
    switch (next.kind) {
      case "not":
      case "truth":
      case "negate":
      case "complement":
      case "boolean":
      case "inRanges":
        todo.push(next.operand);
        break;
      case "and":
      case "or":
      case "compare":
      case "arithmetic":
      case "stringCompare":
        todo.push(next.right, next.left);
        break;
      case "stringTest":
      case "stringIn":
        todo.push(next.subject);
        break;
      case "constant":
      case "int":
      case "variable":
      case "param":
      case "field":
      case "inNetwork":
      case "fdInNetwork":
      case "fdNumber":
      case "fdText":
      case "descendsFrom":
      case "stringParam":
      case "bufferParam":
      case "stringField":
      case "stringVariable":
      case "pathOf":
      case "argv":
      case "envp":
        break;
      default:
        next satisfies never;
    }
  }
}
