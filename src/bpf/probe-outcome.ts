/**
 * What a probe comes to. That it could not be carried out (no descriptor, no memory, a policy that forbids it) says nothing
 * of the kernel. A caller that took it for "this kernel cannot" would deny less than it could, as long as it is cached.
 */
import { table } from "../base/table.ts";
import { errnoName, MachineError, SyscallError } from "../sys/index.ts";
import { VerifierError } from "./program/verifier-error.ts";

export type FeatureResult =
  | { readonly outcome: "supported" }
  | {
      /** Refused: inconclusive, and no other try will do better, as the user or a policy may not do it. */
      readonly outcome: "not supported" | "inconclusive" | "refused";
      /** What the kernel said, one line. */
      readonly reason: string;
      /** What helps, if anything does. */
      readonly advice?: string;
    };

/** Errors of system calls (include/uapi/asm-generic/errno-base.h) that hold for the moment only, with what helps. */
const OF_THE_MOMENT = table<string>({
  EINTR: "try again",
  EAGAIN: "try again",
  ENOMEM: "free memory, or raise the limit of the cgroup",
  EBUSY: "try again",
  ENFILE: "raise fs.file-max",
  EMFILE: "raise the limit of open files (ulimit -n)",
  ENOSPC: "free memory, or raise the limit of the cgroup",
});
const OF_POLICY: ReadonlySet<string> = new Set(["EPERM", "EACCES"]);

export function outcomeOf(error: MachineError): FeatureResult {
  const advised = (advice: string | undefined) => (advice === undefined ? {} : { advice });
  if (error instanceof VerifierError)
    return { outcome: "not supported", reason: error.summary, ...advised(error.hint) };
  if (!(error instanceof SyscallError))
    return { outcome: "not supported", reason: error.message, ...advised(error.hint) };
  const name = errnoName(error.errno);
  const reason = `${error.command ?? error.call} gives ${name}`;
  const help = OF_THE_MOMENT[name];
  if (help !== undefined) return { outcome: "inconclusive", reason, advice: help };
  const outcome = OF_POLICY.has(name) ? "refused" : "not supported";
  return { outcome, reason, ...advised(error.hint) };
}

/** It is not known what the machine can do: the caller must probe again. */
export class InconclusiveProbeError extends MachineError {
  readonly code = "probe_inconclusive";

  constructor(what: string, reason: string, hint: string | undefined, cause?: unknown) {
    super(`Cannot find out whether this kernel has ${what}: ${reason}`, hint, cause);
  }
}

/** Whether it can be used here. Throws InconclusiveProbeError. */
export function isUsable(what: string, result: FeatureResult): boolean {
  if (result.outcome === "inconclusive")
    throw new InconclusiveProbeError(what, result.reason, result.advice);
  return result.outcome === "supported";
}
