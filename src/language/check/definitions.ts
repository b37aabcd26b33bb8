/** Lists and defines are wrong whether a rule uses them or not. */
import type { DefineItem, Expr } from "../ast.ts";
import { childrenOf } from "../walk.ts";
import type { RuleProgram } from "./context.ts";
import { ExpressionChecker } from "./expression.ts";
import { resolveSet } from "./set.ts";
import { operandNames } from "./variables.ts";

/** Most operands that a define stands for once those in it are expanded: a few that hold each other twice reach any number. */
const MAX_DEFINE = 10_000;

export function checkDefinitions(program: RuleProgram): void {
  const { names } = program;
  const constants = new ExpressionChecker(program);
  for (const [name, list] of names.lists) {
    const { span } = list.name;
    if (list.values.length === 0) continue;
    resolveSet(constants, [{ kind: "value", value: { kind: "name", name, span }, span }]);
  }
  const walk = new DefineWalk(program);
  for (const name of names.defines.keys()) walk.check(name);
}

interface Open {
  readonly define: DefineItem;
  readonly pending: Expr[];
  /** Operands found until now, those of other defines included. */
  size: number;
  holdsDefines: boolean;
}

class DefineWalk {
  readonly #program: RuleProgram;
  /** Expanded size of each define; undefined while it is open. */
  readonly #sizes = new Map<string, number | undefined>();

  constructor(program: RuleProgram) {
    this.#program = program;
  }

  /** Follows what a define refers to, with a stack of its own: a file may chain thousands. */
  check(root: string): void {
    const { report, names } = this.#program;
    const stack: Open[] = [];
    const enter = (name: string) => {
      const define = names.defines.get(name);
      if (!define || this.#sizes.has(name)) return;
      this.#sizes.set(name, undefined);
      stack.push({ define, pending: [define.value], size: 0, holdsDefines: false });
    };
    enter(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const expr = top.pending.pop();
      if (!expr) {
        stack.pop();
        const size = this.#close(top);
        const outer = stack.at(-1);
        if (outer) outer.size += size;
        continue;
      }
      top.size++;
      if (expr.kind !== "name") {
        for (const child of childrenOf(expr)) top.pending.push(child);
      } else if (this.#sizes.has(expr.name)) {
        const size = this.#sizes.get(expr.name);
        if (size === undefined) report.add("recursive_name", expr.span, [expr.name]);
        top.size += size ?? 0;
        top.holdsDefines = true;
      } else if (names.defines.has(expr.name)) {
        top.holdsDefines = true;
        enter(expr.name);
      } else this.#other(expr, top);
    }
  }

  /** The size of a define that was followed to its end; 0 if it is an error, as what holds it is no other one. */
  #close({ define, size, holdsDefines }: Open): number {
    const { text, span } = define.name;
    const isTooLarge = holdsDefines && size > MAX_DEFINE;
    if (isTooLarge) {
      this.#program.report.add("define_too_large", span, [text, MAX_DEFINE], {
        hint: 'a list may hold many values: `list NAMES { "a", "b" }`, `COMM in NAMES`',
      });
      this.#program.names.oversized.add(text);
    }
    const own = isTooLarge ? 0 : size;
    this.#sizes.set(text, own);
    return own;
  }

  #other(expr: Extract<Expr, { kind: "name" }>, top: Open): void {
    const program = this.#program;
    // each network of a list is a comparison of its own
    if (program.names.lists.has(expr.name))
      top.size += program.lists.get(expr.name)?.networks.size ?? 0;
    // Reports an unknown name as it would be in a rule.
    else if (!operandNames.includes(expr.name)) new ExpressionChecker(program).value(expr);
  }
}
