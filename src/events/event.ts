/** The public event, exactly as `--json` prints it (see docs/events.md). Integers beyond 2^53 are strings. */
export interface SctEvent {
  readonly v: 1;
  readonly ts: string;
  readonly rule: string;
  readonly actions: readonly string[];
  readonly when: "before" | "after";
  /** The call really made. */
  readonly syscall: string;
  /** The name the rule used. */
  readonly as: string;
  readonly nr: number;
  readonly abi: string;
  readonly params: readonly {
    readonly name: string;
    readonly type: string;
    readonly value: string | number | null;
  }[];
  readonly args: readonly string[];
  readonly retval: number | string | null;
  readonly errno: string | null;
  /** Null, like the ids below: could not be read. */
  readonly pid: number | null;
  readonly tid: number;
  readonly ppid: number | null;
  readonly uid: number | null;
  readonly euid: number | null;
  readonly suid: number | null;
  readonly gid: number | null;
  readonly egid: number | null;
  readonly sgid: number | null;
  readonly comm: string;
  readonly exe: string | null;
  readonly cwd: string | null;
  readonly path: string | null;
  readonly flags: readonly EventFlag[];
  readonly gen: number;
  readonly seq: number;
  readonly message: string | null;
  /** What the rule says of itself: 0 emerg … 7 debug, or null. */
  readonly priority: number | null;
  readonly tags: readonly string[];
  readonly description: string | null;
  /** Arguments of the process that made the call. */
  readonly cmdline: readonly string[] | null;
  /** The directory of a descriptor, where the first path of the call begins. */
  readonly dir: string | null;
  /** Nanoseconds that the call took; null before it has returned. */
  readonly duration_ns: number | string | null;
}

export type EventFlag =
  | "unreadable"
  | "truncated"
  | "late"
  | "throttled"
  | "call-skipped"
  | "call-done"
  | "cmdline-truncated";
