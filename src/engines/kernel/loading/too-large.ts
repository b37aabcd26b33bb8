/** The verifier follows every way through a program, up to a limit: rules can be more than it looks at, or takes too long for. */
import type { Diagnostic } from "../../../base/diagnostic.ts";
import { VerifierError } from "../../../bpf/index.ts";
import { type CheckedRule, visit } from "../../../language/index.ts";

/** "BPF program is too large. Processed …", "The sequence of 8193 jumps is too complex"; the errno depends. */
const TOO_LARGE = /program is too large|jumps is too complex|too many (instructions|subprogs)/i;

/** What gives each rule code of its own, where others that differ in constants alone share theirs. */
const OWN_CODE: readonly {
  readonly what: string;
  readonly has: (rule: CheckedRule) => boolean;
}[] = [
  {
    what: "`occurrence`, `threshold` or `chance`",
    has: ({ frequency }) => frequency !== undefined,
  },
  { what: "`continue = yes`", has: (rule) => rule.continue },
  { what: "SUSPEND", has: ({ actions }) => actions.some(({ type }) => type === "SUSPEND") },
];

/** What to report to the author of the rules when loading them failed with `error`; undefined: it is another failure. */
export function tooLarge(
  error: unknown,
  rules: readonly CheckedRule[],
): readonly Diagnostic[] | undefined {
  if (!(error instanceof VerifierError) || !TOO_LARGE.test(error.summary)) return undefined;
  return refuse(rules, ({ call, count }) =>
    count === 1
      ? `The rule is too complex for this kernel: ${error.summary}`
      : `Too many rules on one call for this kernel: ${count} on \`${call}\` are more than its verifier follows`,
  );
}

/** The same where the kernel has not finished with the programs of some rules in time. */
export function tooLong(rules: readonly CheckedRule[], seconds: number): readonly Diagnostic[] {
  return (
    refuse(rules, ({ call, count }) =>
      count === 1
        ? `Loading the rule takes longer than ${seconds} s`
        : `Loading the rules takes longer than ${seconds} s: ${count} of them are on \`${call}\``,
    ) ?? []
  );
}

function refuse(
  rules: readonly CheckedRule[],
  messageFor: (fullest: { readonly call: string; readonly count: number }) => string,
): readonly Diagnostic[] | undefined {
  const { named, ...fullest } = fullestCall(rules);
  const [first] = named;
  if (first === undefined) return undefined;
  return [
    {
      code: "too_complex_for_kernel",
      severity: "error",
      message: messageFor(fullest),
      span: first.span,
      hint: cureFor(named),
    },
  ];
}

function cureFor(rules: readonly CheckedRule[]): string {
  const list = `one rule with a list (\`${listOperator(rules)} LIST\`) takes far less than a rule for each value`;
  const reasons = OWN_CODE.map(({ what, has }) => ({ what, count: rules.filter(has).length }));
  const [most] = reasons.filter(({ count }) => count > 1).sort((a, b) => b.count - a.count);
  if (most === undefined) return list;
  return `${list}; ${most.count} of them have code of their own for ${most.what}`;
}

const TAKES_LIST: ReadonlySet<string> = new Set(
  "in startswith endswith contains icontains matches =~".split(" "),
);

/** By which one rule can have all values of the others: as the first test says that is of text, or equality. */
function listOperator(rules: readonly CheckedRule[]): string {
  const found: string[] = [];
  for (const { filter } of rules[0]?.targets ?? []) {
    if (filter === undefined) continue;
    visit(filter, (node) => {
      if (node.kind === "stringTest") found.push(node.op === "==" ? "in" : node.op);
      else if (node.kind === "stringIn") found.push("in");
    });
  }
  return found.find((op) => TAKES_LIST.has(op)) ?? "in";
}

/** The call that most rules name, and those; of equals the one with the longest rule. */
function fullestCall(rules: readonly CheckedRule[]): {
  call: string;
  count: number;
  named: readonly CheckedRule[];
} {
  const byCall = new Map<string, CheckedRule[]>();
  for (const rule of rules) {
    const calls = rule.targets.flatMap(({ presentations }) => presentations.map((p) => p.call));
    for (const call of new Set(calls)) {
      const named = byCall.get(call);
      if (named === undefined) byCall.set(call, [rule]);
      else named.push(rule);
    }
  }
  let fullest: [string, CheckedRule[]] = ["", []];
  const size = ([, [first, ...others]]: typeof fullest): number =>
    first === undefined ? 0 : (others.length + 1) * 2 ** 32 + first.span.end - first.span.start;
  for (const entry of byCall) if (size(entry) > size(fullest)) fullest = entry;
  const [call, named] = fullest;
  return { call, count: named.length, named };
}
