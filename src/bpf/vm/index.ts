export { Branch, Cpu } from "./cpu.ts";
export { type UserMemory, VmKernel } from "./kernel.ts";
export { VmMap, type VmMapSpec } from "./maps.ts";
export { VmError, VmMemory } from "./memory.ts";
