/** Lists and defines are wrong whether a rule uses them or not. */
import type { Expr } from "../ast.ts";
import { childrenOf } from "../walk.ts";
import type { Program } from "./context.ts";
import { ExpressionChecker } from "./expression.ts";
import { resolveSet } from "./set.ts";
import { variableNames } from "./variables.ts";

export function checkDefinitions(program: Program): void {
  const { names } = program;
  for (const [name, list] of names.lists) {
    const { span } = list.name;
    if (list.values.length === 0) continue;
    resolveSet(program, [{ kind: "value", value: { kind: "name", name, span }, span }]);
  }
  const state = new Map<string, "open" | "done">();
  for (const name of names.defines.keys()) checkDefine(program, name, state);
}

/** Follows what a define refers to, with a stack of its own: a file may chain thousands. */
function checkDefine(program: Program, root: string, state: Map<string, "open" | "done">): void {
  const stack: { name: string; pending: Expr[] }[] = [];
  const enter = (name: string) => {
    const define = program.names.defines.get(name);
    if (!define || state.has(name)) return;
    state.set(name, "open");
    stack.push({ name, pending: [define.value] });
  };
  enter(root);
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const expr = top.pending.pop();
    if (!expr) {
      state.set(top.name, "done");
      stack.pop();
    } else if (expr.kind !== "name") {
      for (const child of childrenOf(expr)) top.pending.push(child);
    } else if (state.get(expr.name) === "open") {
      program.report.add("recursive_name", expr.span, [expr.name]);
    } else if (program.names.defines.has(expr.name)) enter(expr.name);
    else if (!variableNames.includes(expr.name) && !program.names.lists.has(expr.name)) {
      // Reports an unknown name as it would be in a rule.
      new ExpressionChecker(program).value(expr);
    }
  }
}
