/**
 * What is said over the control socket. One JSON object a line in both directions, UTF-8; requests of a connection
 * are answered in their order, each by one line; `log` and `subscribe` by more. The control socket is for root: a peer
 * with another user id is refused. The socket for reading is there where the configuration names a group: root and
 * members of the group may ask it for `status`, `log` and `subscribe`, and for nothing that changes anything. The service
 * trusts nobody, root neither: a request that is no request gets an answer, too large a one ends
 * the connection, and neither takes more than its share of memory or time.
 */

import type { AboutRule } from "../outputs/about-rule.ts";
import type { CountStatus } from "./count-status.ts";
export const PROTOCOL_VERSION = 1;

/** Longest request in bytes; rule texts are at most 16 MiB of characters. */
export const MAX_REQUEST_BYTES = 32 << 20;
/** Connections at once; more are answered "busy" and closed. */
export const MAX_CONNECTIONS = 64;
/** Bytes of unfinished requests that all connections together may hold. */
export const MAX_PENDING_BYTES = 64 << 20;
/** A connection that sends nothing for this long is closed. */
export const IDLE_MS = 30_000;

/** Longest time for `replace` to wait for a confirmation: a day. */
export const MAX_REVERT_MS = 86_400_000;
/** Longest time for `status` to measure: a minute. */
export const MAX_MEASURE_MS = 60_000;

/** Widest terminal that the kernel knows. */
export const MAX_WIDTH = 65_535;

/** Longest request at the socket for reading, in bytes, and connections to it at once. */
export const MAX_READING_REQUEST_BYTES = 256 << 10;
export const MAX_READING_CONNECTIONS = 32;
/** Subscribers at once; some places are for root alone. */
export const MAX_SUBSCRIBERS = 16;
export const MAX_READING_SUBSCRIBERS = 12;
/** Bytes of lines that wait for one subscriber; what does not fit is counted and reported to it. */
export const MAX_SUBSCRIBER_BYTES = 512 << 10;
/** Requests for the history that are answered at once; some places are for root alone. */
export const MAX_LOGS = 4;
export const MAX_READING_LOGS = 2;

/**
 * Conditions on different things must all hold; of several values for one thing, any will do. As the options of
 * `sct log`: names of rules may have `*` for any text, `priority` means this urgent or more (0 emerg … 7 debug).
 */
export interface EventFilter {
  readonly rules?: readonly string[];
  readonly priority?: number;
  readonly tags?: readonly string[];
  readonly calls?: readonly string[];
  readonly pids?: readonly number[];
  /** Real user ids. */
  readonly uids?: readonly number[];
  readonly comms?: readonly string[];
  readonly exes?: readonly string[];
  readonly paths?: readonly string[];
}

/** Milliseconds since 1970. */
export interface LogRequest {
  readonly filter?: EventFilter;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Only so many lines, the newest. */
  readonly last?: number;
}

/** A rule file, read by the client: the service opens no file for anybody. */
export interface RuleText {
  readonly name: string;
  readonly text: string;
}

/** What the `include` of `path` in the file named `from` means. */
export interface IncludedText extends RuleText {
  readonly path: string;
  readonly from: string;
}

/** Where the answer is printed. */
export interface Reader {
  /** Columns of its terminal, for the texts of diagnostics; absent: it has none, and lines are as long as they are. */
  readonly width?: number;
}

interface RuleRequest extends Reader {
  readonly files: readonly RuleText[];
  readonly includes: readonly IncludedText[];
}

export type Request = {
  readonly v: typeof PROTOCOL_VERSION;
} /**
 * `measureMs`: the kernel measures the time of programs for so long before the answer. `counts`: false if nobody looks at those of the
 * answer, which has none then.
 */ & (
  | { readonly op: "status"; readonly measureMs?: number; readonly counts?: false }
  /** Adds rules behind those in force: all or none. */
  | ({ readonly op: "upload" } & RuleRequest)
  /** The rules are those of the files from now on. */
  | ({ readonly op: "replace"; readonly revertAfterMs?: number } & RuleRequest)
  /** What was replaced with `revertAfterMs` stays. */
  | { readonly op: "confirm" }
  | { readonly op: "download" }
  /** Without names: all. A name that no rule has is an error, and nothing is deleted. */
  | ({ readonly op: "delete"; readonly names?: readonly string[] } & Reader)
  /**
   * Events of the history: a plain answer, a line of docs/events.md for each, and `{"end":LogEnd}`. Nothing may be sent
   * before that.
   */
  | ({ readonly op: "log" } & LogRequest)
  /**
   * Events from now on: a plain answer, then a line of docs/events.md for each until the connection ends, by either
   * side. Nothing may be sent meanwhile. A client that reads too slowly gets `{"loss":{…,"where":"subscriber"}}` in
   * the place of what is missing.
   */
  | { readonly op: "subscribe"; readonly filter?: EventFilter }
  /** As SIGHUP: configuration and output files are opened again. */
  | { readonly op: "reload" }
  /** Detaches everything and ends the service after the answer. */
  | { readonly op: "unload" }
);

export type Operation = Request["op"];

/** What the socket for reading answers; `status` without a measurement. */
export const READING_OPERATIONS: ReadonlySet<Operation> = new Set(["status", "log", "subscribe"]);

export interface WireDiagnostic {
  readonly severity: "error" | "warning";
  readonly code: string;
  /** `file:line:column` with the source line and carets; safe for a terminal. */
  readonly text: string;
}

/** What kind of exit code an error means. */
export type ErrorKind = "rules" | "usage" | "machine" | "bug";

/** Code of the error of a service that ends and does nothing more. */
export const ENDING = "ending";

export interface ErrorAnswer {
  readonly ok: false;
  readonly error: {
    readonly kind: ErrorKind;
    /** Stable, for programs: `busy`, `no_such_rule`, `syscall_failed`. */
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly diagnostics?: readonly WireDiagnostic[];
  };
}

/** The rules in force after a change. */
export interface ChangeAnswer {
  readonly ok: true;
  readonly generation: number;
  readonly rules: readonly string[];
  /** Warnings about the rules, and what must be said about how they act here. */
  readonly diagnostics: readonly WireDiagnostic[];
  readonly notices: readonly string[];
}

export interface DownloadAnswer {
  readonly ok: true;
  readonly source: string;
}

export interface PlainAnswer {
  readonly ok: true;
  /** What must be said about how it went. */
  readonly notices?: readonly string[];
}

export interface RuleStatus extends AboutRule {
  readonly name: string;
  readonly actions: readonly string[];
  /** Calls that matched, limited ones included. */
  readonly hits: number;
  readonly delivered: number;
  readonly limited: number;
  /** Events lost because the ring was full. */
  readonly dropped: number;
  /** Events counted instead of kept because the service could not keep up. */
  readonly throttled: number;
  readonly unreadable: number;
  readonly missed: number;
  /** Runs that the kernel skipped, of programs that work for the rule, alone or with others. */
  readonly skipped: number;
  /** Measured time in programs that work for this rule alone; absent when the kernel has measured nothing. */
  readonly kernelNs?: number;
  /** The same of programs that work for this rule and others: the whole time, for each of them. */
  readonly sharedKernelNs?: number;
}

export interface OutputStatus {
  readonly name: string;
  readonly delivered: number;
  readonly lost: number;
  /** Events that wait, in memory or in the history. */
  readonly waiting: number;
  readonly error?: string;
}

/** Bytes. */
export interface MemoryStatus {
  /** Of the service, all of it. */
  readonly resident: number;
  /** What events on their way to outputs may take together, and what they take. */
  readonly limit: number;
  readonly used: number;
  /** Parts of `used`: records and what was made of them, what is being sent, what was read again of the history. */
  readonly waiting: number;
  readonly sending: number;
  readonly read: number;
}

/** Rules that are being loaded; those before are in force meanwhile. */
export interface LoadingStatus {
  readonly rules: number;
  readonly stage: "starting" | "compiling" | "verifying" | "attaching";
  /** Programs of the kernel, and those of them that are through the stage. */
  readonly total: number;
  readonly done: number;
  readonly elapsedMs: number;
  /** Rules that are not loaded then are refused. */
  readonly deadlineMs: number;
}

export interface StatusAnswer {
  readonly ok: true;
  /** It has not got as far yet as its rules: changes wait. */
  readonly isStarting: boolean;
  readonly version: string;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly uptimeMs: number;
  readonly engine: "kernel";
  readonly paths: { readonly pins: string; readonly state: string; readonly socket: string };
  readonly generation: number;
  readonly loadedAtMs: number | null;
  readonly rules: readonly RuleStatus[];
  /** Of rules with COUNT. */
  readonly counts: readonly CountStatus[];
  readonly notices: readonly string[];
  /** Null: nothing is being loaded. */
  readonly loading: LoadingStatus | null;
  /** Program runs that the kernel skipped, each once. */
  readonly recursionMisses: number;
  /** Program runs whose time the kernel has measured, and that time; null: none. */
  readonly measured: { readonly runs: number; readonly ns: number } | null;
  readonly ring: { readonly sizeBytes: number; readonly pendingBytes: number };
  /** Events that this service took out of the ring. */
  readonly events: number;
  readonly history:
    | {
        readonly state: "on";
        readonly file: string;
        readonly bytes: number;
        readonly storedEvents: number;
        readonly notStoredEvents: number;
      }
    | {
        readonly state: "off";
        readonly file: string;
        readonly reason: string;
        readonly notStoredEvents: number;
      };
  readonly outputs: readonly OutputStatus[];
  readonly memory: MemoryStatus;
  /** Milliseconds until the rules before come back, unless confirmed. */
  readonly revertsInMs: number | null;
  /** What does not work as it should, one line each. */
  readonly problems: readonly string[];
}

/** What was sent for `log`. */
export interface LogEnd {
  readonly events: number;
  /** Records that cannot be read, and records of rule sets that the history lacks. */
  readonly damaged: number;
  readonly unknown: number;
}

/** The answer to each operation when it is not an error; the first line of it, where there are more. */
export interface Answers {
  readonly status: StatusAnswer;
  readonly upload: ChangeAnswer;
  readonly replace: ChangeAnswer;
  readonly confirm: PlainAnswer;
  readonly download: DownloadAnswer;
  readonly delete: ChangeAnswer;
  readonly reload: PlainAnswer;
  readonly unload: PlainAnswer;
  readonly log: PlainAnswer;
  readonly subscribe: PlainAnswer;
}
