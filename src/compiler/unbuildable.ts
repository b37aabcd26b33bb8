/** What of a rule is too large to be built, found when making its code has run into a limit: with its place, the limit and what helps. */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { CheckedRule, Node } from "../language/checked/index.ts";
import { visit } from "../language/index.ts";
import { DfaTooLargeError } from "./dfa/dfa.ts";
import { buildFor, buildForAny } from "./layout/patterns.ts";
import { runsAutomaton } from "./plan/string-cost.ts";

/** `error` is what making the code of this rule alone has thrown. */
export function unbuildable(rule: CheckedRule, error: Error): readonly Diagnostic[] {
  const found = tooLargePatterns(rule);
  if (found.length > 0) return found;
  const { span } = rule;
  return [{ code: "too_complex_for_kernel", severity: "error", message: error.message, span }];
}

/** Tests of the rule whose automaton cannot be made. */
export function tooLargePatterns(rule: CheckedRule): readonly Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const { filter } of rule.targets) {
    if (filter === undefined) continue;
    visit(filter, (node) => {
      const limit = limitOf(node);
      if (limit === undefined) return;
      const { span } = node;
      found.set(`${span.file.name}:${span.start}`, {
        code: "too_complex_for_kernel",
        severity: "error",
        message: limit.message,
        span,
        hint: HINTS[node.kind === "stringTest" ? node.op : "in"] ?? HINT,
      });
    });
  }
  return [...found.values()];
}

const HINT = "`sct run` can, for one command";
const REGEX_HINT =
  "a smaller count in `{n}`, `^` at the beginning, or fewer `.*` take fewer states; `sct run` can, for one command";
const HINTS: Readonly<Record<string, string>> = {
  "=~": REGEX_HINT,
  "!~": REGEX_HINT,
  matches: "fewer `?` behind a `*` or `**` take fewer states; `sct run` can, for one command",
  in: "take the list apart, or one pattern for many of its members; `sct run` can, for one command",
};

/** Why the automaton of a test cannot be made; undefined: it can, or there is none. */
function limitOf(node: Node): DfaTooLargeError | undefined {
  if (!runsAutomaton(node)) return undefined;
  try {
    if (node.kind === "stringTest") buildFor(node.op, node.pattern);
    else if (node.kind === "stringIn") buildForAny(node.values);
    return undefined;
  } catch (error) {
    if (error instanceof DfaTooLargeError) return error;
    throw error;
  }
}
