/** The contract that every engine keeps; the command line, the library and the service know nothing else of them. */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Site } from "../events/site.ts";
import type { CheckedRule, CountTable } from "../language/index.ts";

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
  /** Counts of `occurrence` and `threshold` that began again, at least: more values of variables than are kept. */
  readonly forgottenCounts?: number;
  /** Events that the reader had to throw away because user space fell behind its backlog limit. */
  readonly readerDropped: number;
}

/** Gets each record as a view into memory that is reused after the call returns. */
export interface RecordSink {
  record(memory: Uint8Array, offset: number, length: number): void;
}

/** Rules in force, by whichever means: engines.ts says which there are. */
export interface Engine {
  /** What records name by their numbers. */
  readonly sites: readonly Site[];
  /** What must be said at load (weaker actions and such), one line each. */
  readonly notices: readonly string[];
  /**
   * Hands records to the sink, in order, and resolves to their number: all that are there, else those that come within
   * `timeoutMs`. An engine that holds a process until its record is made (supervised, attach) hands each over at once,
   * and resolves when no more will come, or the time is over.
   */
  events(sink: RecordSink, timeoutMs: number): Promise<number>;
  counters(): EngineCounters;
  /** What rules with COUNT have counted since they were loaded, a table for each of them. A promise where others work meanwhile. */
  counts(): readonly CountTable[] | Promise<readonly CountTable[]>;
  /**
   * Releases everything that ends with this process: rules of the kernel engine act no more, resident ones do; a command
   * that runs is killed, a process that is only looked at continues. Records that are left are handed to `sink` if it is given.
   */
  close(sink?: RecordSink): void;
}

/** What an engine would do with one rule by itself. */
export interface EngineExplanation {
  /** Why it does not take the rule; none: it does. */
  readonly refused: readonly Diagnostic[];
}

export type Opened<E extends Engine> =
  | { readonly ok: true; readonly engine: E }
  /** Rules ask for what the engine, or this machine, cannot do; none is in force. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** One of the ways to put rules in force. */
export interface EngineKind<Options, E extends Engine, X extends EngineExplanation> {
  /** Whose calls it sees, and for how long. */
  readonly sees: string;
  /** Resolves to what explains rules one by one, with nothing loaded or run. Rejects with a MachineError where this machine has no such engine. */
  explain(): Promise<(rule: CheckedRule) => X>;
  /** Rejects with a MachineError when the machine cannot. */
  open(options: Options): Promise<Opened<E>>;
}
