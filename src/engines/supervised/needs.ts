/** Whether a rule set looks at the parent of the caller, in a condition, a limit or a log line. */
import type { BoolExpr, CheckedRule } from "../../language/index.ts";

const PARENT = /^(ppid|pcomm)$/i;

export function looksAtParents(rules: readonly CheckedRule[]): boolean {
  return rules.some(
    (rule) =>
      PARENT.test(rule.limit?.per ?? "") ||
      rule.targets.some(({ filter }) => filter !== undefined && mentionsParent(filter)) ||
      rule.actions.some(
        (action) =>
          action.type === "LOG" &&
          action.format?.some((piece) => piece.kind === "macro" && PARENT.test(piece.name)),
      ),
  );
}

function mentionsParent(filter: BoolExpr): boolean {
  let isFound = false;
  JSON.stringify(filter, (key, value) => {
    // spans lead to the text of the whole file
    if (key === "span" || value instanceof Uint8Array) return undefined;
    if (key === "name" && PARENT.test(String(value))) isFound = true;
    if (value === "descendsFrom") isFound = true;
    return typeof value === "bigint" ? 0 : value;
  });
  return isFound;
}
