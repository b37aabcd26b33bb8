/** Which conditions can meet memory that cannot be read; all others need no third truth value. */
import type { BoolExpr } from "../../language/checked.ts";
import type { Presentation, ValueSource } from "../../language/vocabulary.ts";
import { walk } from "../plan/references.ts";

export function canBeUnreadable(expr: BoolExpr, p: Presentation): boolean {
  let can = false;
  walk(expr, (node) => {
    if (node.kind === "stringParam" || node.kind === "pathOf") can = true;
    if (node.kind === "stringVariable" && (node.name === "EXE" || node.name === "CWD")) can = true;
    if (node.kind === "param" && !isCertain(p.params[node.index - 1]?.source)) can = true;
  });
  return can;
}

function isCertain(source: ValueSource | undefined): boolean {
  return source === undefined || ["arg", "constant", "absent"].includes(source.kind);
}
