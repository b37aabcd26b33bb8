/** Variables that a kernel has no types for: one that was built without control groups, say. */
import type { Span } from "../../base/span.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import { visit } from "../../language/index.ts";
import { findByMacro, isVariable, type VariableName, variable } from "../../variables/index.ts";
import type { Machine } from "../machine.ts";

/** Calls `refuse` for each place where the rule names one. */
export function refuseMissing(
  rule: CheckedRule,
  { facts }: Machine,
  refuse: (span: Span, what: string, hint: undefined, why: string) => void,
): void {
  const isMissing = (name: VariableName): boolean => {
    const { from } = variable(name).kernel;
    if (from === "walk") return facts.walks[name] === undefined;
    return from === "groups" && facts.groups === undefined;
  };
  const check = (span: Span, name: string, what: string): void => {
    if (isVariable(name) && isMissing(name))
      refuse(span, what, undefined, "cannot be read here: this kernel has no types for it");
  };
  const { limit, frequency } = rule;
  for (const counted of [limit, frequency?.occurrence, frequency?.threshold])
    if (counted?.per !== undefined) check(counted.span, counted.per, counted.per);
  for (const { filter } of rule.targets) {
    if (filter === undefined) continue;
    visit(filter, (node) => {
      if (node.kind === "variable" || node.kind === "stringVariable")
        check(node.span, node.name, node.name);
    });
  }
  for (const action of rule.actions)
    for (const piece of (action.type === "LOG" && action.format) || [])
      if (piece.kind === "macro" && findByMacro(piece.name) !== undefined)
        check(piece.span, piece.name.toUpperCase(), `%${piece.name}`);
}
