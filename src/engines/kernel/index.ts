export {
  DEFAULT_RING_BYTES,
  type KernelEngineOptions,
  type KernelEngineResult,
  openKernelEngine,
} from "./engine.ts";
export { readKernelFacts } from "./facts.ts";
export { type Observe, probeMachine } from "./machine.ts";
export type { Generation } from "./manifest.ts";
export { BusyError, type ReplaceResult, ResidentEngine, type ResidentOptions } from "./resident.ts";
export { type Decision, SuspendedQueue, type SuspendedThread } from "./suspended.ts";
