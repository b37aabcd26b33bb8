/** The verifier follows every way through a program, up to a limit: rules can be more than it looks at, or takes too long for. */
import type { Diagnostic } from "../../../base/diagnostic.ts";
import { VerifierError } from "../../../bpf/index.ts";
import type { CheckedRule } from "../../../language/index.ts";

/** "BPF program is too large. Processed …", "The sequence of 8193 jumps is too complex"; the errno depends. */
const TOO_LARGE = /program is too large|jumps is too complex|too many (instructions|subprogs)/i;

const HINT = "one rule with a list (`PARAMS[1] in LIST`) takes far less than a rule for each value";

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
  const { first, ...fullest } = fullestCall(rules);
  if (first === undefined) return undefined;
  return [
    {
      code: "too_complex_for_kernel",
      severity: "error",
      message: messageFor(fullest),
      span: first.span,
      hint: HINT,
    },
  ];
}

/** The call that most rules name, and the first of them; of equals the one with the longest rule. */
function fullestCall(rules: readonly CheckedRule[]): {
  call: string;
  count: number;
  first: CheckedRule | undefined;
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
  return { call, count: named.length, first: named[0] };
}
