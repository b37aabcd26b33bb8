/** The numbers that are shown as metrics, as the service knows them. */
import type { OutputCounters } from "../output.ts";

export interface RuleMetrics {
  readonly rule: string;
  /** What the rule says of itself. */
  readonly priority?: number;
  readonly tags?: readonly string[];
  readonly matched: number;
  readonly delivered: number;
  readonly limited: number;
  readonly dropped: number;
  readonly unreadable: number;
  readonly missed: number;
  readonly throttled?: number;
  /** Time in programs of this rule alone, and in those that it shares with others; absent: not measured. */
  readonly kernelNs?: number;
  readonly sharedKernelNs?: number;
}

/** Calls that a rule has counted for one key. */
export interface CountMetric {
  readonly rule: string;
  readonly key: string;
  readonly calls: number;
  readonly measured: readonly {
    /** What is measured. */
    readonly of: string;
    readonly total?: number;
    /** Upper bounds, with the calls up to there. */
    readonly buckets?: readonly (readonly [bound: string, calls: number])[];
  }[];
}

export interface MetricsSnapshot {
  readonly version: string;
  readonly startedAtMs: number;
  /** Of the rules in force; 0: none. */
  readonly generation: number;
  readonly rules: readonly RuleMetrics[];
  readonly counts?: readonly CountMetric[];
  readonly recursionMisses: number;
  /** Counts of occurrence and threshold that began again, for more values than are kept. */
  readonly forgottenCounts?: number;
  /** Runs of all programs together that the kernel has measured, and their time. */
  readonly measured?: { readonly runs: number; readonly ns: number };
  readonly readerDropped: number;
  readonly ring?: { readonly sizeBytes: number; readonly usedBytes: number };
  readonly history?: { readonly sizeBytes: number; readonly maxBytes: number };
  readonly outputs: readonly OutputCounters[];
}
