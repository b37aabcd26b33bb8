/** Injections as rules of our language: --print-rules. */
import type { Injection } from "../../engines/strace/index.ts";
import { errnoNameOf } from "../../linux/index.ts";

/** Rule text; an injection that no rule can stand for is a comment that says why. */
export function rulesText(injections: readonly Injection[]): string {
  return injections.map(ruleText).join("\n");
}

function ruleText(injection: Injection, i: number): string {
  const { set, errno } = injection;
  const reason = whyNot(injection);
  if (reason !== undefined || errno === undefined)
    return `# inject=${set}: ${reason ?? "nothing that a rule does"}\n`;
  const name = errnoNameOf(errno) ?? String(errno);
  return `rule {
  rule_name = "inject ${i + 1}"
  syscall_name = ${namesOf(set)}
${occurrence(injection)}  action { type = FAIL error_code = ${name} }
}
`;
}

function whyNot(injection: Injection): string | undefined {
  const { set, retval, signal, syscall, delayEnterUs, delayExitUs, pokes } = injection;
  if (/[!/?@]/.test(set)) return "a rule names its calls one by one or by a class";
  if (retval !== undefined || syscall !== undefined)
    return "a rule does not answer in place of a call";
  if (signal !== undefined) return "a rule has no action that sends this signal";
  if (delayEnterUs !== undefined || delayExitUs !== undefined)
    return "a rule has no action that delays";
  return pokes.length > 0 ? "a rule does not write such memory" : undefined;
}

/** Classes are written with `@`. */
function namesOf(set: string): string {
  return set
    .split(",")
    .map((name) => (name.startsWith("%") ? `@${name.slice(1)}` : name))
    .join(", ");
}

/** Counted for each thread, as strace does. */
function occurrence({ first, last, step }: Injection): string {
  if (first === 1 && step === 1 && last === Number.POSITIVE_INFINITY) return "";
  const when =
    last === first
      ? `${first}`
      : last !== Number.POSITIVE_INFINITY
        ? `${first}..${last}`
        : `${first}+${step === 1 ? "" : step}`;
  return `  occurrence = ${when} per tid\n`;
}
