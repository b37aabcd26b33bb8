export {
  type CompiledMap,
  type CompiledProgram,
  type CompiledRules,
  type CompileOptions,
  type CompileResult,
  compileRules,
} from "./compile.ts";
export { MapName } from "./emit/context.ts";
export { CounterOffset } from "./emit/counters.ts";
export {
  ARGUMENT_REGISTERS,
  CRED_IDS,
  type CredId,
  type KernelFacts,
  type RegisterName,
} from "./facts.ts";
