/** Injections as rules of our language: --print-rules. */
import type { Injection } from "../../engines/strace/index.ts";
import { abis, errnoNameOf, findCall, vocabulary } from "../../linux/index.ts";

const SCOPE = "# strace without -f injects into the first process alone, rules into all.\n";

/**
 * Rule text; an injection that no rule can stand for is a comment that says why. The last injection that names a call is the
 * one that counts, and of rules the first: so each has the calls that no later one has.
 */
export function rulesText(injections: readonly Injection[], followsForks: boolean): string {
  const taken = new Set<string>();
  const texts: string[] = [];
  for (const [i, injection] of [...injections.entries()].reverse()) {
    const names = namesOf(injection).filter((name) => !taken.has(name));
    for (const name of names) taken.add(name);
    texts.unshift(...ruleTexts(injection, `inject ${i + 1}`, names));
  }
  return `${followsForks ? "" : SCOPE}${texts.join("\n")}`;
}

function ruleTexts(
  injection: Injection,
  title: string,
  names: readonly string[],
): readonly string[] {
  const { set, errno } = injection;
  const reason = whyNot(injection);
  if (reason !== undefined || errno === undefined)
    return [`# inject=${set}: ${reason ?? "nothing that a rule does"}\n`];
  if (names.length === 0) return [`# inject=${set}: a later one has all of its calls\n`];
  const when = occurrence(injection);
  // strace counts each call of the set for itself
  const each = when === undefined ? [names] : names.map((name) => [name]);
  return each.map((some, i) => {
    const name = each.length === 1 ? title : `${title} ${some[0] ?? i}`;
    return `rule {
  rule_name = "${name}"
  syscall_name = ${some.join(", ")}
  syscall_match = exact
${when === undefined ? "" : `  occurrence = ${when} per tid\n`}  action { type = FAIL error_code = ${errnoNameOf(errno) ?? errno} }
}
`;
  });
}

function whyNot(injection: Injection): string | undefined {
  const { set, retval, signal, syscall, delayEnterUs, delayExitUs, pokes } = injection;
  const { first, last, step } = injection;
  if (/@(?:64|32|x32)/.test(set)) return "a rule names calls of all ABIs";
  if (retval !== undefined || syscall !== undefined)
    return "a rule does not answer in place of a call";
  if (signal !== undefined) return "a rule has no action that sends this signal";
  if (delayEnterUs !== undefined || delayExitUs !== undefined)
    return "a rule has no action that delays";
  if (step !== 1 && last !== Number.POSITIVE_INFINITY && last !== first)
    return `a rule has no steps within a range, as when=${first}..${last}+${step} has`;
  return pokes.length > 0 ? "a rule does not write such memory" : undefined;
}

/** In the order of the alphabet. */
function namesOf({ calls }: Injection): readonly string[] {
  return vocabulary.callNames
    .filter((name) =>
      abis.some((abi) => {
        const call = findCall(name, abi);
        return call !== undefined && calls(call.nr, abi);
      }),
    )
    .toSorted();
}

/** For each thread, as strace counts; undefined: every call. */
function occurrence({ first, last, step }: Injection): string | undefined {
  if (last === first) return `${first}`;
  if (last !== Number.POSITIVE_INFINITY) return `${first}..${last}`;
  if (step !== 1) return `${first}+${step}`;
  return first === 1 ? undefined : `${first}+`;
}
