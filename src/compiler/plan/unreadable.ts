/** Which conditions can meet memory that cannot be read; all others need no third truth value. */
import type { BoolExpr, Node } from "../../language/checked/index.ts";
import { NODE_TRAITS, visit } from "../../language/index.ts";
import type { Presentation, ValueSource } from "../../language/vocabulary.ts";
import { variable } from "../../variables/index.ts";

/** Of a presentation, where its parameters come from. */
type Sources = Pick<Presentation, "params">;

export function canBeUnreadable(expr: BoolExpr, p: Sources): boolean {
  let can = false;
  visit(expr, (node) => {
    can ||= canNodeBe(node, p);
  });
  return can;
}

function canNodeBe(node: Node, p: Sources): boolean {
  switch (NODE_TRAITS[node.kind].reads) {
    case "memory":
    case "files":
    case "descriptors":
      return true;
    case "variable":
      return isLookedFor(node);
    case "parameter":
      return node.kind === "param" && !isCertain(p.params[node.index - 1]?.source);
    case "kernel":
      return node.kind === "descendsFrom";
    case "none":
      return false;
  }
}

/** Behind pointers, any of which may lead nowhere. */
function isLookedFor(node: Node): boolean {
  if (node.kind !== "variable" && node.kind !== "stringVariable") return false;
  return ["path", "walk", "groups"].includes(variable(node.name).kernel.from);
}

function isCertain(source: ValueSource | undefined): boolean {
  return source === undefined || ["arg", "constant", "absent"].includes(source.kind);
}
