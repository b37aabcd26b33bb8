export {
  type CallEnforcement,
  type CompiledMap,
  type CompiledRules,
  type CompileOptions,
  type CompileResult,
  compileRules,
} from "./compile.ts";
export { MapName } from "./emit/context.ts";
export { CounterOffset, RARE_COUNTERS_SIZE, RareCounterOffset } from "./emit/counters.ts";
export {
  isSuspending,
  SUSPENDED_MAP,
  SuspendedFlag,
  SuspendedOffset,
} from "./emit/suspended.ts";
export type { KernelFacts } from "./facts.ts";
export { IDENTITIES_OF_PATH, IDENTITY_SIZE } from "./layout/identities.ts";
export {
  halfOffset,
  namesContent,
  namesLayout,
  type TestSet,
  wordOffset,
} from "./layout/other-names.ts";
export {
  type EntryFunction,
  type LookupFunction,
  type Machine,
  tracepointsOnly,
} from "./machine.ts";
export { sitesOf } from "./plan/plan.ts";
export { leaveOutUnknown, unsupportedBy } from "./plan/support.ts";
export type { Attachment, CompiledProgram } from "./programs/attachment.ts";
export { CONTROL_SIZE, ControlOffset, TURNS_MAP, turnProgram } from "./programs/control.ts";
export { INODE_MAP, inodeProgram } from "./programs/inode.ts";
export { lookupTrialProgram } from "./programs/lookup.ts";
