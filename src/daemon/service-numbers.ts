/** How the service says numbers of rules and of the ring. */
import type { EngineCounters, RuleCounters } from "../engines/engine.ts";
import type { CheckedRule } from "../language/index.ts";
import { type AboutRule, aboutRule } from "./outputs/about-rule.ts";

export function aboutNth(rules: readonly CheckedRule[] | undefined, nth: number): AboutRule {
  const rule = rules?.[nth];
  return rule === undefined ? {} : aboutRule(rule);
}

/** What is pinned keeps its size. */
export function ringProblem(size: number, wanted: number): readonly string[] {
  if (size === wanted) return [];
  return [
    `the ring has ${sizeText(size)}, not the ${sizeText(wanted)} of the configuration: it keeps its size until 'sct unload'`,
  ];
}

/** As in the configuration; for powers of two from 4096 on. */
function sizeText(bytes: number): string {
  return bytes < 1 << 20 ? `${bytes / 1024}K` : `${bytes / (1 << 20)}M`;
}

type Measured = EngineCounters["measured"];

export function isMeasured(measured: Measured): measured is NonNullable<Measured> {
  return measured !== undefined && measured.runs > 0;
}

export function timeOf(
  rule: RuleCounters | undefined,
  measured: Measured,
): { kernelNs?: number; sharedKernelNs?: number } {
  if (rule?.time === undefined || !isMeasured(measured)) return {};
  return { kernelNs: rule.time.ownNs, sharedKernelNs: rule.time.sharedNs };
}
