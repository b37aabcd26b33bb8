import type { ActionEntry, Assignment, Expr, Item, RuleEntry, SetItem, TestEntry } from "./ast.ts";

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

/** The expressions directly inside an item of a file, in the order in which they stand. */
export function expressionsOf(item: Item): readonly Expr[] {
  switch (item.kind) {
    case "rule":
      return item.entries.flatMap(ofRuleEntry);
    case "define":
      return [item.value];
    case "list":
      return item.values.flatMap(setChildren);
    case "policy":
      return item.entries.flatMap((entry) =>
        entry.kind === "otherwise" ? given(entry.errno) : entry.items.map(({ value }) => value),
      );
    case "test":
      return item.entries.flatMap(ofTestEntry);
    case "include":
      return [item.path];
  }
}

function ofRuleEntry(entry: RuleEntry): readonly Expr[] {
  if (entry.kind === "action") return entry.entries.flatMap(ofActionEntry);
  return entry.kind === "filter_expression" || entry.kind === "description" ? [entry.value] : [];
}

function ofActionEntry(entry: ActionEntry): readonly Expr[] {
  if (entry.kind === "rewrite") return ofAssignments(entry.assignments);
  if (entry.kind === "error_code") return [entry.value];
  return "values" in entry ? entry.values : [];
}

function ofTestEntry(entry: TestEntry): readonly Expr[] {
  if (entry.kind === "expect") return [...given(entry.errno), ...given(entry.text)];
  return [...entry.args, ...ofAssignments(entry.variables), ...given(entry.returns)];
}

function ofAssignments(assignments: readonly Assignment[]): readonly Expr[] {
  return assignments.flatMap(({ target, value }) => [target, value]);
}

const given = (expr: Expr | undefined): readonly Expr[] => (expr === undefined ? [] : [expr]);
