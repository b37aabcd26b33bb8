/**
 * Tests of files that a policy allows by. What their literals lead to is looked up once, when the command starts: a command that may
 * exchange a folder for a link could widen its own policy otherwise. What a policy takes away again is no such test.
 */
import {
  type BoolExpr,
  type CheckedRule,
  type FileTest,
  isFile,
  isNegative,
} from "../../language/index.ts";

/** The tests in filters of policies that make a rule hold less often where they hold. */
export function allowingTests(rules: readonly CheckedRule[]): ReadonlySet<FileTest> {
  const found = new Set<FileTest>();
  for (const { policy, targets } of rules)
    for (const { filter } of targets)
      if (policy !== undefined && filter !== undefined) collect(filter, found);
  return found;
}

function collect(filter: BoolExpr, found: Set<FileTest>): void {
  // explicit stack, as in visit(): a policy can have thousands of entries
  const todo: { readonly expr: BoolExpr; readonly isNegated: boolean }[] = [
    { expr: filter, isNegated: false },
  ];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { expr, isNegated } = next;
    switch (expr.kind) {
      case "not":
        todo.push({ expr: expr.operand, isNegated: !isNegated });
        break;
      case "and":
      case "or":
        todo.push({ expr: expr.right, isNegated }, { expr: expr.left, isNegated });
        break;
      case "stringIn":
        if (isNegated && isFile(expr.subject)) found.add(expr);
        break;
      case "stringTest":
        if (isNegated !== isNegative(expr) && isFile(expr.subject)) found.add(expr);
        break;
      // entries of policies are none of these
      case "stringCompare":
      case "truth":
      case "compare":
      case "inRanges":
      case "constant":
      case "inNetwork":
      case "fdInNetwork":
      case "descendsFrom":
        break;
      default:
        expr satisfies never;
    }
  }
}
