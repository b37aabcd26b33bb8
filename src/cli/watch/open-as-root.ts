/** The kernel engine for commands that a user starts. */
import { type KernelEngineOptions, openKernelEngine } from "../../engines/kernel/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import { EACCES, EPERM, SyscallError } from "../../sys/index.ts";
import { PrivilegeError } from "./privilege-error.ts";

/** Other users are told what they lack, not which of the kernel's many calls said so first. */
export function openAsRoot(rules: readonly CheckedRule[], options: KernelEngineOptions) {
  try {
    return openKernelEngine(rules, options);
  } catch (error) {
    const isRefused =
      error instanceof SyscallError && (error.errno === EPERM || error.errno === EACCES);
    if (isRefused && process.geteuid?.() !== 0) throw new PrivilegeError(error);
    throw error;
  }
}
