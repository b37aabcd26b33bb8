export { Interrupts } from "./interrupts.ts";
export { type Native, native } from "./native.ts";
export { X64 } from "./number.ts";
export * from "./process-memory.ts";
export * from "./ptrace.ts";
export * from "./seccomp.ts";
export * from "./signal.ts";
export * from "./wait.ts";
