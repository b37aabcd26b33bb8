/** By which means calls of a command stop until they are judged. */
import type { CheckedRule } from "../../language/index.ts";

export type Mechanism = "notify" | "ptrace";

interface MechanismFacts {
  readonly name: string;
  /** Rules that it can carry out, and one kind that needs it. */
  readonly takes: string;
  readonly when: "before" | "after";
}

export const MECHANISMS: Readonly<Record<Mechanism, MechanismFacts>> = {
  notify: { name: "user notification", takes: "rules that act before calls", when: "before" },
  ptrace: { name: "ptrace", takes: "rules that wait for results, or rewrite", when: "after" },
};

/** Results and rewriting need ptrace. */
export function chooseMechanism(rules: readonly CheckedRule[]): Mechanism {
  const needsTracing = rules.some(
    ({ when, actions }) => when === "after" || actions.some(({ type }) => type === "REWRITE"),
  );
  return needsTracing ? "ptrace" : "notify";
}
