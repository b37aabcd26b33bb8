/** Titles of the tables of `sct count`. */
import type { CheckedRule } from "../../language/index.ts";

/** A rule without a name is called as it was written, and not after its place on the command line. */
export function titled(rules: readonly CheckedRule[]): CheckedRule[] {
  const taken = new Set(rules.map(({ name }) => name));
  return rules.map((rule) => {
    const { file, start, end } = rule.span;
    if (!rule.name.startsWith(`${file.name}:`)) return rule;
    const name = file.text.slice(start, end).replaceAll(/\s+/g, " ").trim();
    if (taken.has(name)) return rule;
    taken.add(name);
    return { ...rule, name };
  });
}
