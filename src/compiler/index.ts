export {
  type CallEnforcement,
  type CompiledRules,
  type CompileOptions,
  type CompileResult,
  compileRules,
} from "./compile.ts";
export type { GroupFacts, KernelFacts, WalkStep } from "./facts.ts";
export { foreseenLimits } from "./foreseen.ts";
export type { CompiledMap } from "./layout/compiled-map.ts";
export { CONTROL_SIZE, ControlOffset, TURNS_MAP } from "./layout/control.ts";
export { CounterOffset, RARE_COUNTERS_SIZE, RareCounterOffset } from "./layout/counters.ts";
export { CountKeyOffset, CountLayout, type CountPlace, KeyStatus } from "./layout/counts.ts";
export { FrequencyOffset, KEPT_COUNTS } from "./layout/frequencies.ts";
export { IDENTITIES_OF_PATH, identitiesContent } from "./layout/identities.ts";
export { MapName } from "./layout/map-names.ts";
export {
  halfOffset,
  namesContent,
  namesLayout,
  type TestSet,
  wordOffset,
} from "./layout/other-names.ts";
export { isSuspending, SUSPENDED_MAP, SuspendedFlag, SuspendedOffset } from "./layout/suspended.ts";
export {
  type EntryFunction,
  type LookupFunction,
  type Machine,
  tracepointsOnly,
} from "./machine.ts";
export { sitesOf } from "./plan/plan.ts";
export { leaveOutUnknown, unsupportedBy } from "./plan/support.ts";
export type { Attachment, CompiledProgram } from "./programs/attachment.ts";
export { turnProgram } from "./programs/control.ts";
export { INODE_MAP, inodeProgram } from "./programs/inode.ts";
export { lookupTrialProgram } from "./programs/lookup.ts";
