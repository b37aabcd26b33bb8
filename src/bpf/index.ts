export type { Btf } from "./btf/index.ts";
export { bpfObjGet as openPin } from "./command/object-commands.ts";
export { bpfEnableStats } from "./command/prog-commands.ts";
export {
  type AttachType,
  MapFlag,
  type MapType,
  type ProgramType,
  UpdateFlag,
} from "./constants.ts";
export { FEATURES, type Feature, helperFeature } from "./features.ts";
export {
  attachPerfEvent,
  attachRawTracepoint,
  attachTracing,
  createLink,
  Link,
  openPinnedLink,
} from "./link/link.ts";
export { findMapOfProgram, findMaps } from "./map/find-maps.ts";
export {
  BpfMap,
  type MapKey,
  type MapSpec,
  openMap,
  openPinnedMap,
  type PerCpuEntry,
} from "./map/map.ts";
export { isOfShape, type MapInfo, mapInfo } from "./map/map-info.ts";
export { possibleCpus } from "./map/possible-cpus.ts";
export {
  type FeatureResult,
  InconclusiveProbeError,
  isUsable,
  outcomeOf,
} from "./probe-outcome.ts";
export {
  LoadAbortedError,
  type LoadOptions,
  loadProgram,
  type ProgramSpec,
} from "./program/load.ts";
export {
  openPinnedProgram,
  Program,
  type ProgramInfo,
  type TestRunOptions,
  type TestRunResult,
} from "./program/program.ts";
export { VerifierError } from "./program/verifier-error.ts";
export { readIfThere } from "./read-if-there.ts";
export { type RecordHandler, RingBuffer } from "./ringbuf/ring-buffer.ts";
export { RingDrain, type RingDrainOptions } from "./ringbuf/ring-drain.ts";
export {
  readVmlinuxBtf,
  releaseVmlinuxBtf,
  requireVmlinuxBtf,
  VMLINUX_BTF,
} from "./vmlinux-btf.ts";
