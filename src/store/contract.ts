/** What history is given and what it gives back; plain values. */
import type { Site } from "../events/site.ts";
import type { Clock } from "./age-clock.ts";
import type { EntryReader } from "./entry-reader.ts";

/** A loaded rule set, as far as its events need it. */
export interface StoredGeneration {
  readonly generation: number;
  readonly loadedAtMs: number;
  /** The rules, printed. */
  readonly source: string;
  /** Records of it carry the site numbers [firstSite, firstSite + sites.length). */
  readonly firstSite: number;
  readonly sites: readonly Site[];
}

/** Matching calls that have no event of their own: lost, or held back by throttling. */
export interface Report {
  readonly kind: "loss" | "throttled";
  readonly total: number;
  /** Per rule; their sum is less than `total` where the rule is not known any more. */
  readonly rules: Readonly<Record<string, number>>;
  /** Wall clock; default: now. */
  readonly atMs?: number;
  /** "history": delivered, but there was no room to store them. Absent: lost before they came here. */
  readonly where?: "history";
}

export interface Append {
  /**
   * Whole records as they lie in the ring, headers included; may be empty. Size limits hold exactly for appends of
   * up to an eighth of `maxBytes`.
   */
  readonly bytes: Uint8Array;
  /** Which ring; positions of one ring only are comparable. */
  readonly ringId: string;
  /** Ring position behind `bytes`; what lies before it is not expected again. */
  readonly position: number;
  /** CLOCK_REALTIME minus CLOCK_BOOTTIME, ns. */
  readonly bootOffsetNs: bigint;
  /** Reported behind the events of `bytes`. */
  readonly reports?: readonly Report[];
  /** What of the ring's losses these reports cover: `reportedLosses` gives it back, also after a crash. */
  readonly reportedLosses?: string;
}

/** Where some of the records of an `append` lie. */
export interface Placement {
  readonly entry: number;
  /** Records that the entry had before. */
  readonly first: number;
  readonly count: number;
  /** Of `append.bytes`, from where the placement before ends. */
  readonly bytes: number;
}

/** A reader that comes back to entries later. */
export interface HistoryWatcher {
  /** Before the entry is deleted for its age, or for room; it can still be read. */
  onDelete(entry: number, entries: EntryReader): void;
  /** Another file has taken the place of the one before: none of its entries is there any more. */
  onBegin(): void;
}

/** Where a text outlives the process, without a disk. */
export interface Note {
  /** Undefined: nothing was ever written there. */
  read(): string | undefined;
  /** One step, at once. False: there is no room for so much, or no note any more. */
  write(text: string): boolean;
}

export interface HistoryOptions {
  /** Largest size of database and its log together; default 1 GiB. */
  readonly maxBytes?: number;
  /** Events older than this are deleted; default: none for their age. */
  readonly maxAgeMs?: number;
  /** Keeps what is still to be reported of losses, for the next service; on another file system, and of this history alone. */
  readonly pendingFile?: string;
  /** Keeps the same, each time that it changes, where disks are full. What it has counts before what the file has. */
  readonly pendingNote?: Note;
  /** By which age is judged; default: the system's. */
  readonly clock?: Clock;
  /** Gets what an administrator must be notified of: damage, a full disk, and its end. One line each. */
  readonly onNotice?: (line: string) => void;
}

export interface HistoryCounters {
  /** Since opening. */
  readonly storedEvents: number;
  readonly notStoredEvents: number;
  /** Stored since opening, and no reader can make an event of them: what was handed over is no record. */
  readonly damagedEvents: number;
  /** The same, because the rule set that made them is not known. */
  readonly unknownEvents: number;
  /** Of the files. */
  readonly bytes: number;
  /** Why nothing can be stored at present; undefined: all is well. */
  readonly problem: string | undefined;
}
