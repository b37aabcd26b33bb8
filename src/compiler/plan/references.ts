/** Walks over checked expressions. */
import type { BoolExpr } from "../../language/checked.ts";
import { walkChecked as walk } from "../../language/index.ts";

export { walk };

/** Indices (1-based) of the string parameters that a filter looks at. */
export function paramReferences(filter: BoolExpr | undefined): Set<number> {
  const found = new Set<number>();
  if (filter !== undefined) {
    walk(filter, (node) => {
      if (node.kind === "stringParam") found.add(node.index);
    });
  }
  return found;
}

/** Indices (1-based) of the parameters that a filter looks at as numbers. */
export function numberReferences(filter: BoolExpr | undefined): Set<number> {
  const found = new Set<number>();
  if (filter !== undefined) {
    walk(filter, (node) => {
      if (node.kind === "param") found.add(node.index);
    });
  }
  return found;
}

/** Names of the variables (COMM, UID …) that a filter looks at. */
export function variableReferences(filter: BoolExpr | undefined): Set<string> {
  const found = new Set<string>();
  if (filter !== undefined) {
    walk(filter, (node) => {
      if (node.kind === "variable" || node.kind === "stringVariable") found.add(node.name);
    });
  }
  return found;
}

/** Indices of PATH[n] in a filter; 0 is PATH alone. */
export function pathReferences(filter: BoolExpr | undefined): Set<number> {
  const found = new Set<number>();
  if (filter !== undefined) {
    walk(filter, (node) => {
      if (node.kind === "pathOf") found.add(node.index);
    });
  }
  return found;
}
