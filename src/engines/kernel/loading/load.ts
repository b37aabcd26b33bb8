/** Loading as its users see it, wherever it is done. */
import type { BpfMap } from "../../../bpf/index.ts";
import type { CompileOptions, Machine } from "../../../compiler/index.ts";
import type { CheckedRule } from "../../../language/index.ts";
import { compileAndOpen, type LoadResult } from "./compile-and-open.ts";
import type { LoadProgress } from "./progress.ts";

export type SetOptions = Omit<CompileOptions, "machine" | "withoutAreas">;

export interface LoadWatch {
  /** Ends the load with a LoadAbortedError. */
  readonly signal?: AbortSignal;
  /** Rules that are not loaded then are refused; default DEFAULT_DEADLINE_MS. */
  readonly deadlineMs?: number;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** Longer than any rule set takes that a kernel accepts, also in an emulated machine; somebody waits for it. */
export const DEFAULT_DEADLINE_MS = 120_000;

/** Throws MachineError: privilege, kernel. */
export type LoadRules = (
  rules: readonly CheckedRule[],
  options: SetOptions,
  shared: ReadonlyMap<string, BpfMap>,
  watch: LoadWatch,
) => Promise<LoadResult>;

/** Loads in the thread of the caller, which does nothing else meanwhile. */
export function loadingHere(machine: Machine): LoadRules {
  return async (rules, options, shared) => compileAndOpen(rules, { ...options, machine }, shared);
}
