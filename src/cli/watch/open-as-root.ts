/** The kernel engine for commands that a user starts. */
import { ENGINES } from "../../engines/engines.ts";
import type { KernelEngineOptions, LoadProgress } from "../../engines/kernel/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import { EACCES, EPERM, SyscallError } from "../../sys/index.ts";
import { loadingText } from "../loading-text.ts";
import { ProgressLine } from "../progress-line.ts";
import { PrivilegeError } from "./privilege-error.ts";

/** Other users read what they lack, not which of the kernel's many calls said so first. */
export async function openAsRoot(rules: readonly CheckedRule[], options: KernelEngineOptions) {
  let progress: LoadProgress | undefined;
  const line = new ProgressLine(() => `sct: ${loadingText(rules.length, progress)}`);
  try {
    const onProgress = (now: LoadProgress): void => {
      progress = now;
    };
    return await ENGINES.kernel.open({ ...options, rules, onProgress });
  } catch (error) {
    const isRefused =
      error instanceof SyscallError && (error.errno === EPERM || error.errno === EACCES);
    if (isRefused && process.geteuid?.() !== 0) throw new PrivilegeError(error);
    throw error;
  } finally {
    line.end();
  }
}
