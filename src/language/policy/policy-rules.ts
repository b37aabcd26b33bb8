/**
 * The rules that a policy stands for. Each denies what one list does not allow: the lists are conditions, as anybody could write
 * them. They continue, so that rules of the file see the calls too.
 */
import { lineOf } from "../../base/position.ts";
import type { Span } from "../../base/span.ts";
import type { ActionItem, Expr, Item, Name, PolicyEntry, PolicyItem, RuleItem } from "../ast.ts";
import type { RuleProgram } from "../check/context.ts";
import type { PolicyPart, PolicyRight } from "../checked/policy.ts";
import { POLICY_RIGHTS } from "../parse/policy.ts";
import { didYouMean } from "../suggest.ts";
import { ASPECTS, type Aspect } from "./aspects.ts";
import { hostText } from "./host-name.ts";
import { allowedAddresses, allowedFiles } from "./members.ts";

type List = Extract<PolicyEntry, { readonly kind: PolicyRight }>;
type Otherwise = Extract<PolicyEntry, { readonly kind: "otherwise" }>;

/** Of all policies among the items, in their order. Errors in them are reported. */
export function policyRules(items: readonly Item[], program: RuleProgram): RuleItem[] {
  return items.flatMap((item) => (item.kind === "policy" ? rulesOf(item, program) : []));
}

function rulesOf(policy: PolicyItem, program: RuleProgram): RuleItem[] {
  const lists = new Map<PolicyRight, List>();
  let otherwise: Otherwise | undefined;
  for (const entry of policy.entries) {
    const first = entry.kind === "otherwise" ? otherwise : lists.get(entry.kind);
    if (first !== undefined) {
      const related = [{ message: "It is given here first", span: first.span }];
      program.report.add("duplicate_entry", entry.span, [entry.kind, "policy"], { related });
    } else if (entry.kind === "otherwise") otherwise = entry;
    else lists.set(entry.kind, entry);
  }
  const denies = checkOtherwise(otherwise, program);
  const hasLists = lists.size > 0;
  if (hasLists && !policy.broken) warnOpen(policy, lists, program);
  if (!hasLists && !policy.broken)
    program.report.add("missing_entry", policy.name.span, ["policy", "read"], {
      expected: `at least one of ${POLICY_RIGHTS.map((right) => `\`${right}\``).join(", ")}`,
    });
  return POLICY_RIGHTS.flatMap((right) => {
    const list = lists.get(right);
    return list === undefined ? [] : listRules(policy, list, { program, otherwise, denies });
  });
}

function checkOtherwise(otherwise: Otherwise | undefined, { report }: RuleProgram): boolean {
  if (otherwise === undefined) return false;
  const { text, span } = otherwise.what;
  if (text === "FAIL") return true;
  if (text !== "LOG")
    report.add("bad_keyword", span, [text, "otherwise"], {
      expected: "`LOG` or `FAIL`",
      ...didYouMean(text, ["LOG", "FAIL"]),
    });
  return false;
}

function warnOpen(
  { name }: PolicyItem,
  lists: ReadonlyMap<PolicyRight, List>,
  { report }: RuleProgram,
): void {
  const open = POLICY_RIGHTS.filter((right) => !lists.has(right));
  const [first] = open;
  if (first === undefined) return;
  const names = open.map((right) => `\`${right}\``);
  const said = [names.slice(0, -1).join(", "), names.at(-1) ?? ""].filter((one) => one !== "");
  report.add("policy_leaves_open", name.span, [name.text, said.join(" and no ")], {
    hint: `\`${first} { }\` denies all of it`,
  });
}

interface Setting {
  readonly program: RuleProgram;
  readonly otherwise: Otherwise | undefined;
  readonly denies: boolean;
}

function listRules(policy: PolicyItem, list: List, setting: Setting): RuleItem[] {
  const { program } = setting;
  const isNetwork = list.kind === "connect" || list.kind === "listen";
  const files = isNetwork ? [] : allowedFiles(program, list.kind, list.items);
  const { addresses, hosts } = isNetwork
    ? allowedAddresses(program, list.kind, list.items)
    : { addresses: [], hosts: [] };
  const head: Span = { ...list.span, end: list.span.start + list.kind.length };
  return ASPECTS[list.kind].flatMap((aspect): RuleItem[] => {
    // what this machine does not have
    const calls = aspect.calls.filter(
      (call) => program.vocabulary.presentations(call, "variants") !== undefined,
    );
    if (calls.length === 0) return [];
    const part: PolicyPart = {
      policy: policy.name.text,
      right: list.kind,
      aspect: aspect.aspect,
      files,
      addresses,
      hosts,
      list: list.span,
    };
    return [ruleOf(part, { ...aspect, calls }, head, setting)];
  });
}

function ruleOf(part: PolicyPart, aspect: Aspect, span: Span, setting: Setting): RuleItem {
  const named = (text: string): Name => ({ text, span });
  const suffix = aspect.name === undefined ? "" : `.${aspect.name}`;
  const filter = aspect.filter(part, span);
  return {
    kind: "rule",
    entries: [
      {
        kind: "rule_name",
        value: named(`${part.policy}.${part.right}${suffix}`),
        span,
      },
      ...(part.hosts.length === 0 ? [] : [aboutHosts(part, span)]),
      { kind: "syscall_name", values: aspect.calls.map(named), span },
      ...(filter === undefined
        ? []
        : [{ kind: "filter_expression", value: filter, span } as const]),
      ...actionsOf(part, aspect, span, setting),
      { kind: "continue", value: named("yes"), span },
    ],
    policy: part,
    span,
  };
}

/** What rules cannot say: names are decided elsewhere. */
function aboutHosts({ hosts }: PolicyPart, span: Span): RuleItem["entries"][number] {
  const names = hosts.map((host) => `${host.negated ? "not " : ""}${hostText(host)}`);
  const text = `besides, the proxy of sct run connects by name: ${names.join(", ")}`;
  return { kind: "description", value: { kind: "string", value: encode(text), span }, span };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function actionsOf(
  part: PolicyPart,
  { subject }: Aspect,
  span: Span,
  { otherwise, denies }: Setting,
): ActionItem[] {
  const action = (...entries: ActionItem["entries"]): ActionItem => ({
    kind: "action",
    entries,
    span,
  });
  const type = (text: string) => ({ kind: "type", value: { text, span }, span }) as const;
  const done = denies ? "denied" : "would deny";
  const text = `%comm[%pid]: ${done}: %sname ${subject}: not in ${part.right} of ${part.policy}, line ${lineOf(part.list.file, part.list.start)}`;
  const log = action(type("LOG"), { kind: "log_format", text, raw: span, span });
  if (!denies) return [log];
  const errno: Expr = otherwise?.errno ?? { kind: "name", name: "EACCES", span };
  return [log, action(type("FAIL"), { kind: "error_code", value: errno, span: errno.span })];
}
