/** What `sct run` does with a policy here. No other engine takes one. */
import { escapeControls } from "../../base/escape.ts";
import { startOf } from "../../base/position.ts";
import { wrapWords } from "../../base/wrap.ts";
import { ENGINES } from "../../engines/engines.ts";
import { Confinement } from "../../engines/supervised/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import { explainRun } from "./explain.ts";

type ExplainCommand = Parameters<typeof explainRun>[1];

export interface PolicyExplanation {
  readonly policy: string;
  /** `file:line` of its first list. */
  readonly at: string;
  /** Calls that it does not allow fail; else they are reported. */
  readonly denies: boolean;
  /** Version of the kernel's Landlock; 0: there is none. */
  readonly landlock: number;
  readonly rules: readonly PolicyRuleExplanation[];
}

/** Of the lines of a title behind the first. */
const TITLE_INDENT = 2;

interface PolicyRuleExplanation {
  readonly rule: string;
  readonly decidedBy: "Landlock" | "Landlock and sct" | "sct";
  readonly how: string;
}

export async function explainPolicies(rules: readonly CheckedRule[]): Promise<PolicyExplanation[]> {
  const byPolicy = Map.groupBy(
    rules.filter(({ policy }) => policy !== undefined),
    ({ policy }) => policy?.policy ?? "",
  );
  if (byPolicy.size === 0) return [];
  const forCommand = await ENGINES.supervised.explain();
  const confinement = new Confinement(rules);
  return [...byPolicy].map(([policy, own]) => {
    const span = own[0]?.policy?.list;
    return {
      policy,
      at: span === undefined ? "" : `${span.file.name}:${startOf(span).line}`,
      denies: own.some(({ actions }) => actions.some(({ type }) => type === "FAIL")),
      landlock: confinement.version,
      rules: own.map((rule) => explainRule(rule, confinement, forCommand)),
    };
  });
}

function explainRule(
  rule: CheckedRule,
  confinement: Confinement,
  forCommand: ExplainCommand,
): PolicyRuleExplanation {
  const holding = confinement.holding(rule);
  const { name } = rule;
  if (holding?.by === "Landlock")
    return {
      rule: name,
      decidedBy: "Landlock",
      how: "Landlock holds it, without races and for io_uring, too; sct looks on for lines and counts, with -q it does not",
    };
  const isRingHeld = confinement.isHeldBesidesCalls(rule);
  const own = explainRun(rule, (one) => {
    const found = forCommand(one);
    return isRingHeld ? { ...found, refusedSetups: [] } : found;
  });
  if (holding === undefined) return { rule: name, decidedBy: "sct", how: own };
  const part = holding.by === "both" ? "Landlock denies a part of it without races: " : "";
  return {
    rule: name,
    decidedBy: holding.by === "both" ? "Landlock and sct" : "sct",
    how: `${own}; ${part}${holding.why}`,
  };
}

/** A block of lines for people. */
export function policyText(
  { policy, at, denies, landlock, rules }: PolicyExplanation,
  columns?: number,
): string {
  const width = Math.max(...rules.map(({ rule }) => rule.length));
  const first = new Map<string, string>();
  const lines = rules.map(({ rule, how }) => {
    const same = first.get(how);
    if (same === undefined) first.set(how, rule);
    const text = same === undefined ? how : `as ${same}`;
    return wrapWords(`  ${rule.padEnd(width)}  `, escapeControls(text), columns);
  });
  const otherwise = denies ? "denies" : "reports, denies nothing";
  const kernel = landlock === 0 ? "no Landlock here" : `Landlock ABI ${landlock}`;
  const title = `policy ${policy} (${escapeControls(at)}), ${otherwise}; ${kernel}`;
  return ["", wrapWords("", title, columns, TITLE_INDENT), ...lines].join("\n");
}
