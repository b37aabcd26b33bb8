export { chooseSeed } from "../seed.ts";
export {
  DEFAULT_RING_BYTES,
  type KernelEngine,
  type KernelEngineOptions,
  type KernelOptions,
  loadKernelEngine,
  openKernelEngine,
} from "./engine.ts";
export { type KernelExplainer, type KernelExplanation, kernelExplainer } from "./explain.ts";
export { readKernelFacts } from "./facts.ts";
export { loadingHere } from "./loading/load.ts";
export type { LoadProgress } from "./loading/progress.ts";
export type { Loading } from "./loads.ts";
export { type Observe, probeMachine } from "./machine.ts";
export type { Generation } from "./manifest.ts";
export { ResidentEngine } from "./resident.ts";
export { HeldError } from "./resident-errors.ts";
export type { ReplaceResult, ResidentOptions } from "./resident-options.ts";
export { type SuspendedAnswer, SuspendedQueue, type SuspendedThread } from "./suspended.ts";
