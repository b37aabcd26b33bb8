/**
 * What gets around a rule that denies by PATH, system-wide, by calls that the rule does not name: mounts, which make a name lead
 * to another file or give a file another name. With rules to paste.
 */
import { type CheckedRule, printString, visit } from "../../language/index.ts";
import { callsWhere, rowOf } from "../../linux/index.ts";

export interface LeftOpen {
  readonly way: string;
  /** Rules that close it. */
  readonly rules: readonly string[];
}

const ACTING: ReadonlySet<string> = new Set(["FAIL", "KILL", "SUSPEND"]);

interface Named {
  /** The filter looks at files. */
  readonly any: boolean;
  /** Paths that it compares with, as text for a rule. */
  readonly literals: readonly string[];
}

export function leftOpenBy(rule: CheckedRule): readonly LeftOpen[] {
  if (rule.when !== "before" || !rule.actions.some(({ type }) => ACTING.has(type))) return [];
  const { any, literals } = filesNamed(rule);
  if (!any) return [];
  const names = new Set(rule.targets.map(({ name }) => name));
  const missing = callsWhere(({ mounting }) => mounting !== undefined).filter(
    (call) => !names.has(call),
  );
  const overlays = missing.flatMap((call) => {
    const { type } = rowOf(call).mounting ?? {};
    return type === undefined ? [] : [denying(call, `PARAMS[${type}] == "overlay"`)];
  });
  const over = missing.flatMap((call) => {
    const { over: path } = rowOf(call).mounting ?? {};
    if (path === undefined || literals.length === 0) return [];
    return [denying(call, `${path} in (${literals.join(", ")})`)];
  });
  return [
    {
      way: "an overlay with a directory of the files as a layer: its files are others to the kernel",
      rules: overlays,
    },
    { way: "another file mounted over the name: it leads there from then on", rules: over },
  ].filter(({ rules }) => rules.length > 0);
}

function denying(call: string, condition: string): string {
  return `rule { syscall_name = ${call} filter_expression { ${condition} } action { type = FAIL error_code = EPERM } }`;
}

function filesNamed({ targets }: CheckedRule): Named {
  const literals = new Set<string>();
  let any = false;
  for (const { filter } of targets)
    if (filter !== undefined)
      visit(filter, (node) => {
        if (node.kind === "pathOf") any = true;
        if (node.kind === "stringTest" && node.subject.kind === "pathOf" && node.op === "==")
          literals.add(printString(node.pattern));
        if (node.kind === "stringIn" && node.subject.kind === "pathOf")
          for (const value of node.values) literals.add(printString(value));
      });
  return { any, literals: [...literals].filter((text) => text.startsWith('"/')) };
}
