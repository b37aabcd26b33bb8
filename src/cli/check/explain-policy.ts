/** What `sct run` does with a policy here. No other engine takes one. */
import { escapeControls } from "../../base/escape.ts";
import { sourcePlace } from "../../base/position.ts";
import { wrapWords } from "../../base/wrap.ts";
import { ENGINES } from "../../engines/engines.ts";
import { Confinement } from "../../engines/supervised/index.ts";
import { type CheckedRule, hostText } from "../../language/index.ts";
import { explainRun } from "./explain.ts";

const NAMES =
  "names are decided by a proxy that sct run starts for the command; it connects to public addresses, and to others that connect allows:";

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
  /** What names in `connect` allow; absent: there are none. */
  readonly names?: readonly NameExplanation[];
}

interface NameExplanation {
  /** As it is written: `*.example.org:443`, with `not` in front where it takes away. */
  readonly entry: string;
  readonly means: string;
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
      at: span === undefined ? "" : sourcePlace(span),
      denies: own.some(({ actions }) => actions.some(({ type }) => type === "FAIL")),
      landlock: confinement.version,
      rules: own.map((rule) => explainRule(rule, confinement, forCommand)),
      ...namesOf(own),
    };
  });
}

function namesOf(rules: readonly CheckedRule[]): Pick<PolicyExplanation, "names"> {
  const hosts = rules.find(({ policy }) => policy?.right === "connect")?.policy?.hosts ?? [];
  if (hosts.length === 0) return {};
  return {
    names: hosts.map((host) => {
      const { negated, name, below, port } = host;
      const which = below ? `all names below ${name}, not ${name} itself` : "this name alone";
      const ports = port === undefined ? "any port" : `port ${port}`;
      return { entry: `${negated ? "not " : ""}${hostText(host)}`, means: `${which}, ${ports}` };
    }),
  };
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
  { policy, at, denies, landlock, rules, names = [] }: PolicyExplanation,
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
  const entries = Math.max(...names.map(({ entry }) => entry.length));
  const byName = names.map(({ entry, means }) => `    ${entry.padEnd(entries)}  ${means}`);
  if (byName.length > 0) byName.unshift(wrapWords("  ", NAMES, columns));
  return ["", wrapWords("", title, columns, TITLE_INDENT), ...lines, ...byName].join("\n");
}
