/** What programs import. A change here is a change of the public surface: docs/api.txt holds it. */
export type { EngineCounters, RuleCounters } from "../engines/engine.ts";
export type { EventFlag, SctEvent } from "../events/index.ts";
export type { NamedConnection } from "../proxy/contract.ts";
export { MachineError } from "../sys/index.ts";
export type { DeniedByPolicy, DeniedList, DeniedName } from "./denied.ts";
export {
  type ParseRulesOptions,
  parseRules,
  type RuleProblem,
  type RuleSet,
  RulesError,
  readRules,
} from "./rule-set.ts";
export { type Run, type RunOptions, type RunResult, run } from "./run.ts";
export { type Watch, type WatchOptions, watch } from "./watch.ts";
