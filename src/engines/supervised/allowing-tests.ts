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
      if (policy !== undefined && filter !== undefined) collect(filter, false, found);
  return found;
}

function collect(expr: BoolExpr, isNegated: boolean, found: Set<FileTest>): void {
  switch (expr.kind) {
    case "not":
      collect(expr.operand, !isNegated, found);
      break;
    case "and":
    case "or":
      collect(expr.left, isNegated, found);
      collect(expr.right, isNegated, found);
      break;
    case "stringIn":
      if (isNegated && isFile(expr.subject)) found.add(expr);
      break;
    case "stringTest":
      if (isNegated !== isNegative(expr) && isFile(expr.subject)) found.add(expr);
      break;
    default:
      break;
  }
}
