/**
 * What all outputs share: runs of events in memory, each held once however many outputs wait for it, within one limit of
 * memory. Beyond it the oldest are released. Outputs that are behind read those from the history; what is not stored there is
 * lost for them.
 */
import type { Loss } from "./event.ts";
import type { EventRun, Range, Storage } from "./run.ts";

/** Bytes, of all outputs together. */
export interface FeedMemory {
  /** Events that wait, with the forms made of them. */
  readonly waiting: number;
  /** What is being sent, or was not taken yet. */
  readonly sending: number;
  /** Entries of the history for those that are behind. */
  readonly read: number;
}

/** An output has at most this part of the memory in its hands, so that all can continue. */
const HAND_SHARE = 4;

const NO_STORAGE: Storage = { size: 0, load: () => "none", trim: () => undefined };

/** Takes events from the feed at its own pace: backlog.ts is one. */
export interface FeedReader {
  push(run: EventRun): void;
  pushLoss(loss: Loss): void;
  /** The memory of the run is needed: from now on it is read from where it is stored, or lost. */
  spill(run: EventRun): void;
  /** The entry is going to be deleted, and with it all before. */
  forget(entry: number, storage: Pick<Storage, "load">): void;
  /** All that is stored is gone. */
  forgetAll(): void;
}

export class Feed {
  /** Bytes. */
  limit: number;
  /** Of runs, with the forms made of them. */
  #heldBytes = 0;
  /** Of what outputs have in their hands. */
  #handBytes = 0;
  readonly #storage: Storage;
  readonly #readers = new Set<FeedReader>();
  /** The oldest first, with the number of their holders. */
  readonly #held = new Map<EventRun, number>();
  readonly #pins = new Map<EventRun, number>();
  /** Those that were read again, by where they begin. */
  readonly #loaded = new Map<string, EventRun>();
  readonly #keys = new Map<EventRun, string>();

  constructor(limit: number, storage: Storage = NO_STORAGE) {
    this.limit = limit;
    this.#storage = storage;
  }

  /** What is in memory at present. */
  get memory(): FeedMemory {
    return { waiting: this.#heldBytes, sending: this.#handBytes, read: this.#storage.size };
  }

  get used(): number {
    return this.#heldBytes + this.#handBytes + this.#storage.size;
  }

  /** An output has so much more in its hands, or less. */
  handle(bytes: number): void {
    this.#handBytes += bytes;
  }

  /** What one output may take at a time. */
  get handBytes(): number {
    return this.limit / HAND_SHARE / Math.max(1, this.#readers.size);
  }

  /** Whether so much more, which is stored nowhere, would cost nobody anything. */
  hasRoom(bytes: number): boolean {
    return this.used + bytes <= this.limit || this.#held.size === 0;
  }

  join(reader: FeedReader): void {
    this.#readers.add(reader);
  }

  leave(reader: FeedReader): void {
    this.#readers.delete(reader);
  }

  append(run: EventRun): void {
    for (const reader of this.#readers) reader.push(run);
    if (!this.#held.has(run)) run.dispose();
    this.balance();
  }

  appendLoss(loss: Loss): void {
    for (const reader of this.#readers) reader.pushLoss(loss);
  }

  hold(run: EventRun): void {
    const holders = this.#held.get(run) ?? 0;
    this.#held.set(run, holders + 1);
    if (holders > 0) return;
    this.#heldBytes += run.size;
    run.onGrow = (bytes) => {
      this.#heldBytes += bytes;
    };
  }

  release(run: EventRun): void {
    const holders = this.#held.get(run) ?? 0;
    if (holders > 1) {
      this.#held.set(run, holders - 1);
      return;
    }
    this.#held.delete(run);
    this.#heldBytes -= run.size;
    run.onGrow = () => undefined;
    run.dispose();
    this.#loaded.delete(this.#keys.get(run) ?? "");
    this.#keys.delete(run);
  }

  /** Forms of its events are being sent: they stay as they are, as the run does. */
  pin(run: EventRun): void {
    this.hold(run);
    this.#pins.set(run, (this.#pins.get(run) ?? 0) + 1);
  }

  unpin(run: EventRun): void {
    const pins = this.#pins.get(run) ?? 0;
    if (pins > 1) this.#pins.set(run, pins - 1);
    else this.#pins.delete(run);
    this.release(run);
  }

  /** The next events of a range, to be held; those that another output has read again serve all. */
  load(range: Range): EventRun | "none" | "later" {
    const { from, to } = range;
    const key = `${from.entry} ${from.first}`;
    const known = this.#loaded.get(key);
    if (known !== undefined && (from.entry < to.entry || from.first + known.count <= to.first))
      return known;
    const run = this.#storage.load(range);
    if (typeof run === "string") return run;
    this.#loaded.set(key, run);
    this.#keys.set(run, key);
    return run;
  }

  /** The entry and all before it are going to be deleted; `storage` still has them. */
  forget(entry: number, storage: Pick<Storage, "load">): void {
    for (const run of this.#held.keys())
      if (run.position !== undefined && run.position.entry <= entry) run.forgetPosition();
    for (const reader of this.#readers) reader.forget(entry, storage);
  }

  /** What was stored is gone. */
  forgetAll(): void {
    for (const run of this.#held.keys()) run.forgetPosition();
    for (const reader of this.#readers) reader.forgetAll();
  }

  /** Lets go of what is beyond the limit. */
  balance(): void {
    // what is stored costs time only
    this.#reduce((run) => {
      if (run.position === undefined) return;
      run.dropForms();
      if (this.used > this.limit) this.#spill(run);
    });
    if (this.used > this.limit) this.#storage.trim(this.used - this.limit);
    this.#reduce((run) => run.dropForms());
    this.#reduce((run) => this.#spill(run));
  }

  #reduce(letGo: (run: EventRun) => void): void {
    if (this.used <= this.limit) return;
    for (const run of this.#held.keys()) {
      if (this.#pins.has(run)) continue;
      letGo(run);
      if (this.used <= this.limit) return;
    }
  }

  #spill(run: EventRun): void {
    for (const reader of this.#readers) reader.spill(run);
  }
}
