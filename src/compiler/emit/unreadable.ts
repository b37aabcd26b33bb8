/** Which conditions can meet memory that cannot be read; all others need no third truth value. */
import type { BoolExpr, Node } from "../../language/checked/index.ts";
import { isFile, NODE_TRAITS, visit } from "../../language/index.ts";
import type { Presentation, ValueSource } from "../../language/vocabulary.ts";

export function canBeUnreadable(expr: BoolExpr, p: Presentation): boolean {
  let can = false;
  visit(expr, (node) => {
    can ||= canNodeBe(node, p);
  });
  return can;
}

function canNodeBe(node: Node, p: Presentation): boolean {
  switch (NODE_TRAITS[node.kind].reads) {
    case "memory":
    case "files":
      return true;
    case "variable":
      return node.kind === "stringVariable" && isFile(node);
    case "parameter":
      return node.kind === "param" && !isCertain(p.params[node.index - 1]?.source);
    case "none":
    case "kernel":
      return false;
  }
}

function isCertain(source: ValueSource | undefined): boolean {
  return source === undefined || ["arg", "constant", "absent"].includes(source.kind);
}
