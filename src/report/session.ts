/** What a run did, process by process: the part of a report that docs/policies.md describes. Plain data, JSON as it is. */

export const USE_KINDS = [
  "read",
  "written",
  "made",
  "deleted",
  "renamed",
  "linked",
  "started",
  "attributes",
  "connected",
  "listened",
  "unix",
  "other",
] as const;
export type UseKind = (typeof USE_KINDS)[number];

/** What a process used: a file, an address, a name of a host; of kind `other`, a call. */
export interface Addressee {
  readonly kind: UseKind;
  readonly name: string;
  /** The second name, where a file gets another one. */
  readonly to?: string;
}

export interface ReportedUse extends Addressee {
  readonly calls: number;
  /** Of these calls, those that were denied; absent: none. */
  readonly denied?: number;
  /** Those that a policy would have denied; absent: none. */
  readonly wouldDeny?: number;
  /** The rules that denied them, or would. */
  readonly by?: readonly string[];
}

/** What is known of a process when it is first seen, or has executed a program. */
export interface ProcessFacts {
  /** The file that it runs; empty: not known. */
  readonly program: string;
  readonly arguments: readonly string[];
}

export interface ReportedProcess extends ProcessFacts {
  readonly pid: number;
  /** Place of the parent among the processes; null: the command itself, or an orphan. */
  readonly parent: number | null;
  /** Since the first call that was seen, ms. */
  readonly beganMs: number;
  /** null: it did not end by itself, or nobody has seen it. */
  readonly endedMs: number | null;
  /** Status that it gave when it ended. */
  readonly exit: number | null;
  readonly uses: readonly ReportedUse[];
}
