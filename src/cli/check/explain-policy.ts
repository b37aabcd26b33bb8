/** What `sct run` does with a policy here. No other engine takes one. */
import { escapeControls } from "../../base/escape.ts";
import { startOf } from "../../base/position.ts";
import { wrapWords } from "../../base/wrap.ts";
import { ENGINES } from "../../engines/engines.ts";
import type { CheckedRule } from "../../language/index.ts";
import { explainRun } from "./explain.ts";

export interface PolicyExplanation {
  readonly policy: string;
  /** `file:line` of its first list. */
  readonly at: string;
  /** What becomes of calls that it does not allow. */
  readonly otherwise: string;
  /** Each rule that it stands for, with how it is decided. */
  readonly rules: readonly { readonly rule: string; readonly run: string }[];
}

export async function explainPolicies(rules: readonly CheckedRule[]): Promise<PolicyExplanation[]> {
  const byPolicy = Map.groupBy(
    rules.filter(({ policy }) => policy !== undefined),
    ({ policy }) => policy?.policy ?? "",
  );
  if (byPolicy.size === 0) return [];
  const forCommand = await ENGINES.supervised.explain();
  return [...byPolicy].map(([policy, own]) => {
    const [first] = own;
    const span = first?.policy?.list;
    const denies = own.some(({ actions }) => actions.some(({ type }) => type === "FAIL"));
    return {
      policy,
      at: span === undefined ? "" : `${span.file.name}:${startOf(span).line}`,
      otherwise: denies ? "denies" : "reports, denies nothing",
      rules: own.map((rule) => ({ rule: rule.name, run: explainRun(rule, forCommand) })),
    };
  });
}

export function policyText(
  { policy, at, otherwise, rules }: PolicyExplanation,
  columns?: number,
): string {
  const width = Math.max(...rules.map(({ rule }) => rule.length));
  const lines = rules.map(({ rule, run }) =>
    wrapWords(`  ${rule.padEnd(width)}  `, escapeControls(run), columns),
  );
  return [`\npolicy ${policy} (${escapeControls(at)}), ${otherwise}`, ...lines].join("\n");
}
