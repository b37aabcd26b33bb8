/** What rules decide about each use: the verdict, the line that it comes from, and what a policy lacks. */
import { sourcePlace } from "../../base/position.ts";
import type { Span } from "../../base/span.ts";
import {
  type CheckedRule,
  type CheckedRuleSet,
  decidingFile,
  decidingHost,
  type TestResult,
} from "../../language/index.ts";
import { addedEntries, UseTable } from "../../learning/index.ts";
import type { AskedSubject, AskedUse } from "./questions.ts";

export type UseVerdict = "denied" | "would be denied" | "reported" | "allowed" | "nothing decides";

export interface UseAnswer {
  readonly use: string;
  readonly verdict: UseVerdict;
  /** What decides it: a rule, or a list of a policy; absent: nothing does. */
  readonly by?: string;
  /** `file:line`. */
  readonly at?: string;
  /** The action, `FAIL 13`; or the entry that allows it. */
  readonly how?: string;
  /** The list, and the entries for it that would allow the use. */
  readonly addTo?: string;
  readonly add: readonly string[];
  /** Why none is proposed. */
  readonly notProposed?: string;
}

type Part = NonNullable<CheckedRule["policy"]>;

export interface Answering {
  readonly ruleSet: CheckedRuleSet;
  readonly subject: AskedSubject;
  readonly home: string;
  /** `EACCES`. */
  readonly errnoName: (errno: number) => string;
}

/** Of a question, by what its test's call met. */
export function answerUse(
  question: AskedUse,
  { taken }: TestResult,
  { ruleSet, subject, home, errnoName }: Answering,
): UseAnswer {
  const { use } = question;
  const ruleOf = (name: string): CheckedRule | undefined =>
    ruleSet.rules.find((rule) => rule.name === name);
  const stops = taken.find(({ type }) => type === "FAIL" || type === "KILL" || type === "SUSPEND");
  const first = stops ?? taken.find(({ rule }) => ruleOf(rule)?.policy !== undefined) ?? taken[0];
  const rule = first && ruleOf(first.rule);
  if (first === undefined || rule === undefined) return allowance(question, subject, ruleSet);
  const part = rule.policy;
  const how = first.errno === undefined ? first.type : `${first.type} ${errnoName(first.errno)}`;
  const unlike = part === undefined ? "reported" : "would be denied";
  const found: UseAnswer = {
    use,
    verdict: stops === undefined ? unlike : "denied",
    by: part === undefined ? ruleTitle(rule) : `${part.right} of ${part.policy}`,
    at: sourcePlace(part?.list ?? rule.span),
    how,
    add: [],
  };
  return part === undefined ? found : { ...found, ...lacking(question, subject, part, home) };
}

function lacking(
  { right, call, isNamed = false }: AskedUse,
  { name, kind }: AskedSubject,
  part: Part,
  home: string,
): Pick<UseAnswer, "addTo" | "add"> & { readonly notProposed?: string } {
  const table = new UseTable();
  const bytes = kind === "file" ? Buffer.from(name).toString("latin1") : name;
  table.add({ right, name: bytes, call: call.replace(/\(.*/, ""), program: "", isNamed });
  const { entries, notProposed } = addedEntries([part], table.all(), home);
  const [left] = notProposed;
  return {
    addTo: right,
    add: entries.filter((entry) => entry.right === right).map(({ text }) => text),
    ...(left === undefined ? {} : { notProposed: left.why }),
  };
}

/** Nothing denies it: the entry of a policy that allows it. */
function allowance(
  question: AskedUse,
  subject: AskedSubject,
  { rules }: CheckedRuleSet,
): UseAnswer {
  const { use, right } = question;
  const part = rules.find(({ policy }) => policy?.right === right)?.policy;
  if (part === undefined) return { use, verdict: "nothing decides", add: [] };
  const bytes = Buffer.from(subject.name).toString("latin1");
  const isWhole = right === "read" || right === "attributes";
  const entry =
    subject.kind === "file"
      ? decidingFile(part.files, bytes, subject.isFolder && isWhole)
      : undefined;
  const by = `${part.right} of ${part.policy}`;
  if (entry === undefined)
    return { use, verdict: "allowed", by, at: sourcePlace(part.list), add: [] };
  return {
    use,
    verdict: "allowed",
    by,
    at: sourcePlace(entry.span),
    how: sourceOf(entry.span),
    add: [],
  };
}

/** Names of hosts are decided by the proxy of a run, policy by policy. */
export function hostAnswers(
  { name, port = 0 }: AskedSubject,
  ruleSet: CheckedRuleSet,
): UseAnswer[] {
  const lists = new Map(
    ruleSet.rules.flatMap((rule) =>
      rule.policy?.right === "connect" ? [[rule.policy.policy, rule] as const] : [],
    ),
  );
  const answers = [...lists.values()].flatMap(({ policy: part, actions }): UseAnswer[] => {
    if (part === undefined) return [];
    const by = `connect of ${part.policy}`;
    const at = sourcePlace(part.list);
    const entry = decidingHost(part.hosts, name, port);
    if (entry?.negated === false) return [{ use: "connect", verdict: "allowed", by, at, add: [] }];
    const denies = actions.some(({ type }) => type === "FAIL");
    const add = entry === undefined ? [`"${name}:${port}"`] : [];
    const verdict = denies ? "denied" : "would be denied";
    return [{ use: "connect", verdict, by, at, addTo: "connect", add }];
  });
  return answers.length > 0 ? answers : [{ use: "connect", verdict: "nothing decides", add: [] }];
}

/** A rule without a name is called after its place, which stands behind it anyway. */
const ruleTitle = ({ name, span }: CheckedRule): string =>
  name === sourcePlace(span) ? "a rule" : `rule ${name}`;

const sourceOf = ({ file, start, end }: Span): string => file.text.slice(start, end);
