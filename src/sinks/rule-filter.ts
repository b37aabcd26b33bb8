import { nameTest } from "../base/name-pattern.ts";

/** Which rules' events an output takes: names, with `*` for any text. */
export function ruleFilter(patterns: readonly string[]): (rule: string) => boolean {
  const test = nameTest(patterns);
  const known = new Map<string, boolean>();
  return (rule) => {
    const answer = known.get(rule) ?? test(rule);
    if (known.size < 10_000) known.set(rule, answer);
    return answer;
  };
}
