/** What a trace is to do, as its command line says it: plain data. */
import type { DecodeOptions } from "../../decoding/index.ts";
import type { Abi } from "../../language/index.ts";

/** Calls by number, for each ABI. */
export type CallSet = (nr: number, abi: Abi) => boolean;

export const STATUSES = ["successful", "failed", "unfinished", "unavailable", "detached"] as const;
export type ReturnStatus = (typeof STATUSES)[number];

export const QUIET_MESSAGES = [
  "attach",
  "exit",
  "path-resolution",
  "personality",
  "thread-execve",
] as const;
export type QuietMessage = (typeof QUIET_MESSAGES)[number];

/** Digits behind the point of seconds. */
export type Precision = 0 | 3 | 6 | 9;

export interface Timestamps {
  readonly form: "none" | "time" | "unix";
  readonly precision: Precision;
}

export interface OutputPlan {
  /** A file, a command that reads it, or standard error. */
  readonly to:
    | { readonly kind: "stderr" }
    | { readonly kind: "file" | "command"; readonly name: string };
  readonly appends: boolean;
  /** A file for each process, by its number. */
  readonly separate: boolean;
}

export interface LinePlan {
  readonly absolute: Timestamps;
  /** Time since the line before. */
  readonly relative: Precision | undefined;
  /** Time that the call took. */
  readonly duration: Precision | undefined;
  readonly hasInstruction: boolean;
  readonly hasNumber: boolean;
  readonly hasCommand: boolean;
  /** Where results begin. */
  readonly column: number;
}

export interface SummaryPlan {
  /** Only the table, or lines too. */
  readonly only: boolean;
  readonly sort: SummaryColumn | "none";
  readonly columns: readonly SummaryColumn[];
  /** Time from entry to return, rather than of the processor. */
  readonly wall: boolean;
  readonly overheadNs: number;
}

export const SUMMARY_COLUMNS = [
  "time-percent",
  "total-time",
  "min-time",
  "max-time",
  "avg-time",
  "calls",
  "errors",
  "name",
] as const;
export type SummaryColumn = (typeof SUMMARY_COLUMNS)[number];

/** What is done to calls of a set at some of their occurrences. */
export interface Injection {
  readonly calls: CallSet;
  /** As it was written. */
  readonly set: string;
  /** The first occurrence, the last one, and the step between them; for each thread. */
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly errno?: number;
  readonly retval?: bigint;
  readonly signal?: number;
  readonly delayEnterUs?: number;
  readonly delayExitUs?: number;
  readonly pokes: readonly MemoryPoke[];
  /** The call that is made in its place. */
  readonly syscall?: string;
}

export interface MemoryPoke {
  readonly when: "enter" | "exit";
  /** From 1 on. */
  readonly argument: number;
  readonly bytes: Uint8Array;
}

/** When signals end the trace. */
export type Interruptible = 1 | 2 | 3 | 4;

export interface TracePlan {
  readonly followForks: boolean;
  readonly output: OutputPlan;
  readonly lines: LinePlan;
  readonly decode: DecodeOptions;
  readonly traced: CallSet;
  readonly abbreviated: CallSet;
  readonly raw: CallSet;
  readonly signals: ReadonlySet<number>;
  readonly statuses: ReadonlySet<ReturnStatus>;
  readonly quiet: ReadonlySet<QuietMessage>;
  /** Descriptors whose data is dumped. */
  readonly dumpsRead: ((fd: number) => boolean) | undefined;
  readonly dumpsWrite: ((fd: number) => boolean) | undefined;
  readonly paths: readonly string[];
  readonly summary: SummaryPlan | undefined;
  readonly injections: readonly Injection[];
  readonly detachesOnExecve: boolean;
  readonly interruptible: Interruptible;
  readonly usesFilter: boolean;
}
