/** The contract that every engine satisfies; the command line and the library know nothing else of them. */
import type { Site } from "../events/site.ts";

/** Exact accounting of one rule, since load. */
export interface RuleCounters {
  readonly rule: string;
  /** Calls that matched, limited ones included. */
  readonly matched: number;
  /** Events handed to the ring. */
  readonly delivered: number;
  /** Matches not reported because of the rule's `limit`. */
  readonly limited: number;
  /** Events lost because the ring was full. */
  readonly dropped: number;
  /** Decisions taken by on_unreadable. */
  readonly unreadable: number;
  /** Calls that could not be evaluated for lack of per-task memory, or whose process the kernel refused to signal. */
  readonly missed: number;
  /**
   * Runs of programs that work for the rule and that the kernel skipped (bpf_prog_info.recursion_misses); one that
   * works for several rules counts for each of them, since it is not known whose call it was.
   */
  readonly skipped: number;
  /** Of engines whose programs run in the kernel. */
  readonly time?: KernelTime;
}

/** Time in programs in the kernel, ns, as far as the kernel has measured it (bpfEnableStats). */
export interface KernelTime {
  /** In programs that work for this rule alone. */
  readonly ownNs: number;
  /** In programs that work for this rule and others: whole for each of them, since it is not known for whom it was. */
  readonly sharedNs: number;
}

export interface EngineCounters {
  readonly rules: readonly RuleCounters[];
  /** Calls that matched, by the number of their site; absent: they were not counted so. */
  readonly bySite?: readonly number[];
  /** Program runs that the kernel skipped (bpf_prog_info.recursion_misses), of all programs together. */
  readonly recursionMisses: number;
  /** Of all programs together, each once: runs that the kernel has measured, and their time. */
  readonly measured?: { readonly runs: number; readonly ns: number };
  /** Events that the reader had to throw away because user space fell behind its backlog limit. */
  readonly readerDropped: number;
}

/** Gets each record as a view into memory that is reused after the call returns. */
export interface RecordSink {
  record(memory: Uint8Array, offset: number, length: number): void;
}

export interface Engine {
  readonly sites: readonly Site[];
  /** What must be said at load (weaker actions and such), one line each. */
  readonly notices: readonly string[];
  /** Waits up to `timeoutMs` for records, hands all that are there to the sink, returns their number. */
  poll(sink: RecordSink, timeoutMs: number): Promise<number>;
  counters(): EngineCounters;
  /** Ends watching; what was seen until then can still be polled. */
  detach(): void;
  /** Detaches and releases everything; records still in the ring are handed to `sink` first if it is given. */
  close(sink?: RecordSink): void;
}
