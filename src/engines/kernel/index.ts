export {
  DEFAULT_RING_BYTES,
  type KernelEngineOptions,
  type KernelEngineResult,
  openKernelEngine,
} from "./engine.ts";
export { readKernelFacts } from "./facts.ts";
export { type Observe, probeMachine } from "./machine.ts";
