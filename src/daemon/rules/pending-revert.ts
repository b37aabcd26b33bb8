/**
 * The rules that come back unless those in force are confirmed in time: a timer, and a file for the next service.
 * It says when; RulesInForce loads them.
 */
import { moveAside } from "../../store/index.ts";
import { isPassing } from "../../sys/index.ts";
import { removeFile } from "../run-files/state-files.ts";
import type { ChangeQueue } from "./change-queue.ts";
import {
  type Revert,
  readRevert,
  StateError,
  UnconfirmedError,
  writeRevert,
} from "./revert-file.ts";
import { UnreadableError } from "./saved-rules.ts";

/** Between attempts to revert what nobody confirmed. */
const RETRY_MS = 10_000;

export interface PendingRevertOptions {
  readonly file: string;
  readonly queue: ChangeQueue;
  /** Puts the rules of this text into force; resolves to why that cannot be, undefined: it is done. */
  readonly load: (source: string) => Promise<string | undefined>;
  readonly report: (line: string) => void;
}

/** A revert and when it is due, by performance.now(). */
export interface Scheduled {
  readonly revert: Revert;
  readonly timer: NodeJS.Timeout;
  readonly at: number;
}

export class PendingRevert {
  /** What was found damaged, and lasts. */
  damage: string | undefined;
  /** Why rules that nobody confirmed are still in force; undefined: there are none, or their time is not over. */
  overdue: string | undefined;
  /** Why rules would come back that should not; undefined: they would not. */
  stale: string | undefined;
  readonly #options: PendingRevertOptions;
  #scheduled: Scheduled | undefined;

  constructor(options: PendingRevertOptions) {
    this.#options = options;
  }

  /** What comes back if nothing happens. */
  get scheduled(): Scheduled | undefined {
    return this.#scheduled;
  }

  /** Milliseconds until the rules before come back; null: they do not. */
  get inMs(): number | null {
    const at = this.#scheduled?.at;
    return at === undefined ? null : Math.max(0, at - performance.now());
  }

  /** Schedules what the service before has left. Throws UnreadableError. */
  resume(): void {
    const revert = this.#read();
    if (revert === undefined) return;
    this.#schedule(revert, Math.min(Math.max(0, revert.dueMs - Date.now()), revert.afterMs));
  }

  /** Rules that are to be reverted unless confirmed need a disk to be sure of it: throws StateError, and all stays as it was. */
  arm(revert: Revert): void {
    try {
      writeRevert(this.#options.file, revert);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new StateError(this.#options.file, error as NodeJS.ErrnoException);
    }
    this.stale = undefined;
    this.#schedule(revert, revert.afterMs);
  }

  /** After a change that was not made: what was to come back before it does so at its own time. */
  rearm(before: Scheduled | undefined): void {
    if (before === undefined) {
      this.disarm();
      return;
    }
    this.#schedule(before.revert, Math.max(0, before.at - performance.now()));
    try {
      writeRevert(this.#options.file, before.revert);
    } catch (error) {
      // what is written names the same rules, only later
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  /** Nothing comes back. */
  disarm(): void {
    if (this.#scheduled === undefined) return;
    clearTimeout(this.#scheduled.timer);
    this.#scheduled = undefined;
    this.overdue = undefined;
    this.#remove();
  }

  /** The rules in force stay. False: nothing was to come back. Throws UnconfirmedError. */
  confirm(): boolean {
    const isPending = this.#scheduled !== undefined;
    this.disarm();
    if (isPending && this.stale !== undefined) throw new UnconfirmedError(this.stale);
    return isPending;
  }

  /** Stops the timer; the file is for the next service. */
  end(): void {
    clearTimeout(this.#scheduled?.timer);
  }

  /** Tries again to remove a file that reverts what should stay. */
  mend(): void {
    if (this.stale !== undefined && this.#scheduled === undefined) this.#remove();
  }

  /** After a change: the file names rules that are not those before any more. */
  forgetStale(): void {
    if (this.stale !== undefined) this.#remove();
  }

  /** What is damaged takes nothing back: the rules in force are the last that anybody asked for. */
  #read(): Revert | undefined {
    const { file, report } = this.#options;
    try {
      return readRevert(file);
    } catch (error) {
      if (isPassing(error)) throw new UnreadableError(file, error);
      this.damage = `rules that nobody confirmed stay in force: ${file} is damaged (${reasonOf(error)})`;
      try {
        this.damage += `; it is now ${moveAside(file)}`;
      } catch (cause) {
        this.damage += `; it stays there (${reasonOf(cause)})`;
      }
      report(this.damage);
      return undefined;
    }
  }

  #schedule(revert: Revert, afterMs: number): void {
    clearTimeout(this.#scheduled?.timer);
    const { queue } = this.#options;
    const timer = setTimeout(() => void queue.enqueue(() => this.#takeBack(revert)), afterMs);
    this.#scheduled = { revert, timer, at: performance.now() + afterMs };
  }

  /** Tried until it is done or somebody confirms: the rules may have cut off the user who asked for it. */
  async #takeBack(revert: Revert): Promise<void> {
    const { queue, load, report } = this.#options;
    // somebody was faster
    if (queue.isEnded || this.#scheduled?.revert !== revert) return;
    const reason = await load(revert.source);
    if (reason === undefined) {
      this.disarm();
      report("the rules before are in force again: nobody confirmed the new ones");
      return;
    }
    const overdue = `rules that nobody confirmed stay in force: those before cannot be loaded (${reason})`;
    if (this.overdue !== overdue) report(overdue);
    this.overdue = overdue;
    this.#schedule(revert, RETRY_MS);
  }

  #remove(): void {
    const { file, report } = this.#options;
    try {
      removeFile(file);
      this.stale = undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      const stale = `a restart takes these rules back: cannot remove ${file} (${code})`;
      if (this.stale !== stale) report(stale);
      this.stale = stale;
    }
  }
}

const reasonOf = (error: unknown): string => (error as Error).message;
