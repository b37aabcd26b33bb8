/** What is said between a thread that loads rules and the one that waits for it. */
import type { Diagnostic } from "../../../base/diagnostic.ts";
import type { MapSpec, ProgramType } from "../../../bpf/index.ts";
import type { CheckedRule } from "../../../language/index.ts";
import type { LoadFacts } from "./compile-and-open.ts";
import type { SetOptions } from "./load.ts";
import type { PackedError } from "./packed-error.ts";
import type { LoadProgress } from "./progress.ts";

/** Descriptors are the process's: a number is all that another thread needs. */
export interface MapHandle {
  readonly spec: MapSpec;
  readonly fd: number;
}

/** Given to the thread at its start. */
export interface ThreadData {
  readonly rules: readonly CheckedRule[];
  readonly options: SetOptions;
  readonly shared: readonly MapHandle[];
  /** i32 each, see Flag. */
  readonly flags: Int32Array;
  /** i32: how many descriptors are open, then their numbers. */
  readonly ledger: Int32Array;
}

/** Indexes of words that both threads look at. */
export const Flag = {
  /** 1: nobody waits any more. */
  aborted: 0,
  /** 1: the thread has descriptors, or is about to, and has to close them itself. */
  holding: 1,
} as const;

export interface OpenedHandles {
  readonly maps: readonly MapHandle[];
  readonly programs: readonly {
    readonly name: string;
    readonly type: ProgramType;
    readonly fd: number;
  }[];
  readonly links: readonly (readonly number[])[];
}

export type ThreadMessage =
  /** Number of the thread, for signals. */
  | { readonly kind: "began"; readonly tid: number }
  | { readonly kind: "progress"; readonly progress: LoadProgress }
  | { readonly kind: "loaded"; readonly facts: LoadFacts; readonly handles: OpenedHandles }
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "failed"; readonly error: PackedError };
