/**
 * The history of events: batches of raw records, compressed, in a database file. Each append is one transaction that
 * stores the ring's position with the records, so that after a crash every event is there exactly once: what lies
 * before the stored position is not stored again, what lies behind it is still in the ring.
 *
 * A history never throws for the state of its file. What cannot be stored is counted and reported as a loss in
 * its place once storing works again; a damaged file is moved aside and a new one begun.
 */
import { closeSync, openSync, statSync } from "node:fs";
import { freeMemory } from "../base/free-memory.ts";
import { AgeClock, SYSTEM_CLOCK } from "./age-clock.ts";
import { moveAside } from "./aside.ts";
import type {
  Append,
  HistoryCounters,
  HistoryOptions,
  HistoryWatcher,
  Placement,
  Report,
  StoredGeneration,
} from "./contract.ts";
import { Batch } from "./database/batch.ts";
import { batchRow } from "./database/batch-row.ts";
import { openForWriting } from "./database/schema.ts";
import { describeStorageError, isDamage, isOutside } from "./database/storage-error.ts";
import { Tables } from "./database/tables.ts";
import type { EntryReader } from "./entry-reader.ts";
import { PendingReports } from "./pending-reports.ts";
import { fileBytes, Retention } from "./retention.ts";
import { RuleSets } from "./rule-sets.ts";

const DEFAULT_MAX_BYTES = 1 << 30;
/** A smaller file could not hold its own structure and log. */
const MIN_BYTES = 4 << 20;
/** After a failure storing is tried again this often. */
const RETRY_MS = 1000;
/** Wall clock against boot clock: within this, times of one batch may share an offset. */
const CLOCK_TOLERANCE_NS = 1_000_000n;
/** Rule sets that nothing refers to are looked for after this many deletions. */
const CLEAN_EVERY = 256;
const NOTHING = new Uint8Array(0);

/** The row that grows while few events come. */
interface Tail {
  readonly id: number;
  readonly ringId: string;
  readonly bootOffsetNs: bigint;
}

/** Where records lie, and how many of them nobody can read. */
interface Stored {
  readonly placement: Placement;
  readonly damaged: number;
  readonly unknown: number;
}

export class History {
  readonly #file: string;
  readonly #notice: (line: string) => void;
  readonly #retention: Retention;
  readonly #ruleSets = new RuleSets();
  readonly #batch = new Batch();
  readonly #pending: PendingReports;
  #tables: Tables | undefined;
  /** Notified of what is not there any more. */
  #watcher: HistoryWatcher = { onDelete() {}, onBegin() {} };
  #placed: readonly Placement[] = [];
  /** Of the file that is open. */
  #inode = 0;
  #tail: Tail | undefined;
  #problem: string | undefined;
  #retryAt = 0;
  #stored = 0;
  #notStored = 0;
  #damaged = 0;
  #unknown = 0;
  #deleted = 0;

  private constructor(file: string, options: HistoryOptions) {
    this.#file = file;
    this.#notice = options.onNotice ?? (() => {});
    this.#pending = new PendingReports(options.pendingFile, options.pendingNote);
    this.#retention = new Retention(
      Math.max(MIN_BYTES, options.maxBytes ?? DEFAULT_MAX_BYTES),
      new AgeClock(options.maxAgeMs ?? Number.POSITIVE_INFINITY, options.clock ?? SYSTEM_CLOCK),
    );
  }

  /** Opens or begins the history in `file`, whose directory exists. What is wrong with it is reported, never thrown. */
  static open(file: string, options: HistoryOptions = {}): History {
    const history = new History(file, options);
    history.#attempt(() => {});
    return history;
  }

  /** Rule sets whose records may still come; replaces those given before. Call before their first record. */
  setGenerations(ringId: string, generations: readonly StoredGeneration[]): void {
    this.#ruleSets.give(ringId, generations);
    this.#attempt((tables) => tables.transaction(() => this.#ruleSets.store(tables)));
  }

  /** Position behind what is stored of a ring, or counted as not stored; undefined: nothing is. */
  position(ringId: string): number | undefined {
    let position: number | undefined;
    this.#attempt((tables) => {
      // 0: the ring is known by its rule sets only
      position = tables.ring(ringId)?.position || undefined;
    });
    const counted = this.#pending.placeIn(ringId)?.position;
    return counted === undefined ? position : Math.max(position ?? 0, counted);
  }

  /** As the last append with `reportedLosses` stored it, or left it to be stored; undefined: none did. */
  reportedLosses(ringId: string): string | undefined {
    let reportedLosses = this.#pending.placeIn(ringId)?.reportedLosses;
    if (reportedLosses !== undefined) return reportedLosses;
    this.#attempt((tables) => {
      const ring = tables.ring(ringId);
      reportedLosses = ring === undefined ? undefined : tables.reported(ring.id);
    });
    return reportedLosses;
  }

  /**
   * Stores records and reports in one transaction; nothing if the position shows that the records are stored already.
   * Returns false when something was not stored; it is counted, to be reported, and must not be given again.
   */
  append(append: Append): boolean {
    let bytes = append.bytes;
    this.#placed = [];
    const isStored = this.#attempt((tables) => {
      if (append.position <= (tables.ring(append.ringId)?.position ?? 0)) bytes = NOTHING;
      this.#store(tables, append, bytes);
    });
    if (!isStored) {
      this.#countLost(append, bytes);
      this.#pending.save();
    }
    return isStored;
  }

  /** Where the records of the last `append` lie; none: they are not stored. */
  get placed(): readonly Placement[] {
    return this.#placed;
  }

  /** What `work` gives, done with the file; undefined when that cannot be used at present. */
  access<T>(work: (entries: EntryReader) => T): T | undefined {
    let result: T | undefined;
    this.#attempt((tables) => {
      result = work(tables.entries);
    });
    return result;
  }

  /** From now on; only one is reported. */
  watch(watcher: HistoryWatcher): void {
    this.#watcher = watcher;
  }

  /** Deletes what has become too old, tries again what failed, and begins again where the file was removed. Once a second. */
  maintain(): void {
    if (this.#isGone()) {
      this.#notice(`history ${this.#file} was removed: what was in it is gone, a new one is begun`);
      this.#letGo();
      this.#watcher.onBegin();
    }
    this.#attempt((tables) => {
      tables.transaction(() => {
        this.#storePending(tables);
        this.#delete(tables, 0);
        this.#clean(tables);
      });
      this.#pending.clear();
      this.#retention.shrink(tables);
    });
    this.#pending.save();
  }

  counters(): HistoryCounters {
    return {
      storedEvents: this.#stored,
      notStoredEvents: this.#notStored,
      damagedEvents: this.#damaged,
      unknownEvents: this.#unknown,
      bytes: fileBytes(this.#file),
      problem: this.#problem,
    };
  }

  /** Returns how many events were not stored, and nobody will be notified of them unless the note is there for the next service. */
  close(): number {
    this.#tables?.db.close();
    this.#tables = undefined;
    this.#tail = undefined;
    this.#retryAt = Number.POSITIVE_INFINITY;
    return this.#pending.close();
  }

  /** Runs `work` on the open file; false: it failed, or there is no use in trying yet. */
  #attempt(work: (tables: Tables) => void): boolean {
    if (this.#problem !== undefined && performance.now() < this.#retryAt) return false;
    if (this.#retryAt === Number.POSITIVE_INFINITY) return false;
    for (let isSecond = false; ; isSecond = true) {
      try {
        this.#tables ??= new Tables(this.#openFile());
        work(this.#tables);
        this.#recovered();
        return true;
      } catch (error) {
        this.#letGo();
        if (isDamage(error) && !isSecond && this.#begin(error)) continue;
        if (!isDamage(error) && !isOutside(error)) throw error;
        this.#failed(error);
        return false;
      }
    }
  }

  #openFile() {
    // SQLite gives its companions the rights of the database
    closeSync(openSync(this.#file, "a", 0o600));
    const db = openForWriting(this.#file, this.#retention.walBytes);
    this.#inode = statSync(this.#file).ino;
    return db;
  }

  /** Somebody has deleted or replaced the open file: what is stored in it nobody would find. */
  #isGone(): boolean {
    if (this.#tables === undefined) return false;
    try {
      return statSync(this.#file, { throwIfNoEntry: false })?.ino !== this.#inode;
    } catch {
      return false;
    }
  }

  /** Begins a new file in the place of a damaged one. */
  #begin(cause: unknown): boolean {
    try {
      const aside = moveAside(this.#file);
      this.#notice(
        `history is damaged (${describeStorageError(cause)}): moved to ${aside}, a new one is begun`,
      );
      this.#watcher.onBegin();
    } catch (error) {
      if (!isOutside(error)) throw error;
      this.#failed(error);
      return false;
    }
    return true;
  }

  /** Memory may be ahead of the file now, so nothing in it is used again. */
  #letGo(): void {
    this.#batch.clear();
    this.#ruleSets.letGo();
    this.#tail = undefined;
    try {
      this.#tables?.db.close();
    } catch {
      // it is given up because it failed already
    }
    this.#tables = undefined;
  }

  #failed(error: unknown): void {
    const problem = describeStorageError(error);
    if (problem !== this.#problem) this.#notice(`history cannot be stored: ${problem}`);
    this.#problem = problem;
    this.#retryAt = performance.now() + RETRY_MS;
  }

  #recovered(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#notice(`history is stored again; ${this.#notStored} events were not`);
  }

  #store(tables: Tables, append: Append, bytes: Uint8Array): void {
    const placed: Stored[] = [];
    tables.transaction(() => {
      const ring = this.#ringOf(tables, append);
      this.#ruleSets.store(tables);
      this.#ruleSets.recallFrom(tables, ring);
      this.#storePending(tables);
      for (let rest = bytes; rest.length > 0; ) {
        const stored = this.#storeBatch(tables, ring, append, rest);
        rest = rest.subarray(stored.placement.bytes);
        placed.push(stored);
      }
      if (bytes.length > 0) tables.setPosition(ring, append.position);
      for (const report of append.reports ?? []) this.#addReport(tables, ring, report);
      if (append.reportedLosses !== undefined) tables.setReported(ring, append.reportedLosses);
      this.#clean(tables);
    });
    for (const { placement, damaged, unknown } of placed) {
      this.#stored += placement.count;
      this.#damaged += damaged;
      this.#unknown += unknown;
    }
    this.#placed = placed.map(({ placement }) => placement);
    this.#pending.clear();
    this.#retention.shrink(tables);
  }

  /** Adds records to the row that grows, or a new one. Returns what it took. */
  #storeBatch(tables: Tables, ring: number, append: Append, bytes: Uint8Array): Stored {
    const { ringId, bootOffsetNs } = append;
    if (!this.#tailFits(append)) this.#endBatch();
    const batch = this.#batch;
    const { count, damaged, unknown } = batch;
    const taken = batch.fill(bytes, this.#ruleSets.keys);
    if (batch.count > count) {
      const offset = this.#tail?.bootOffsetNs ?? bootOffsetNs;
      const row = batchRow(batch, ring, offset);
      const room = row.keys.length + row.records.length;
      this.#delete(tables, room);
      if (this.#tail === undefined) {
        this.#tail = { id: tables.addBatch(row), ringId, bootOffsetNs };
      } else tables.updateBatch(this.#tail.id, row);
      freeMemory(row.records);
    }
    const entry = this.#tail?.id ?? 0;
    const stored = {
      placement: { entry, first: count, count: batch.count - count, bytes: taken },
      damaged: batch.damaged - damaged,
      unknown: batch.unknown - unknown,
    };
    if (!batch.canGrow || batch.count === 0) this.#endBatch();
    return stored;
  }

  #tailFits({ ringId, bootOffsetNs }: Append): boolean {
    if (this.#tail === undefined || this.#tail.ringId !== ringId) return false;
    const drift = this.#tail.bootOffsetNs - bootOffsetNs;
    return drift < CLOCK_TOLERANCE_NS && -drift < CLOCK_TOLERANCE_NS;
  }

  #endBatch(): void {
    this.#batch.clear();
    this.#tail = undefined;
  }

  #ringOf(tables: Tables, { ringId, position, bytes }: Append): number {
    return tables.ring(ringId)?.id ?? tables.addRing(ringId, position - bytes.length);
  }

  #storePending(tables: Tables): void {
    for (const report of this.#pending.all) this.#addReport(tables, 0, report);
    const { place } = this.#pending;
    if (place === undefined) return;
    const { ringId, position, reportedLosses } = place;
    const known = tables.ring(ringId);
    const ring = known?.id ?? tables.addRing(ringId, 0);
    if (position > (known?.position ?? 0)) tables.setPosition(ring, position);
    if (reportedLosses !== undefined) tables.setReported(ring, reportedLosses);
  }

  /** What comes later stands behind it. */
  #addReport(tables: Tables, ring: number, report: Report): void {
    this.#endBatch();
    tables.addReport(ring, report);
  }

  #delete(tables: Tables, roomBytes: number): void {
    this.#deleted += this.#retention.apply(tables, roomBytes, this.#tail?.id, (id) =>
      this.#watcher.onDelete(id, tables.entries),
    );
  }

  #clean(tables: Tables): void {
    if (this.#deleted >= CLEAN_EVERY) this.#ruleSets.clean(tables);
    this.#deleted %= CLEAN_EVERY;
  }

  /** Counts what is in `bytes`, per rule, and what was to be reported. */
  #countLost({ reports = [], reportedLosses, ringId, position }: Append, bytes: Uint8Array): void {
    const counted = this.#pending.placeIn(ringId)?.position ?? 0;
    if (position <= counted) bytes = NOTHING;
    for (const report of reports) this.#pending.add(report);
    const place = { ringId, position: Math.max(position, counted) };
    this.#pending.setPlace(reportedLosses === undefined ? place : { ...place, reportedLosses });
    const scratch = this.#batch;
    for (let rest = bytes; rest.length > 0; scratch.clear()) {
      scratch.clear();
      rest = rest.subarray(scratch.fill(rest, this.#ruleSets.keys));
      if (scratch.count === 0) continue;
      this.#notStored += scratch.count;
      const rules = Object.fromEntries(scratch.rules);
      this.#pending.add({
        kind: "loss",
        total: scratch.count,
        rules,
        where: "history",
        atMs: Date.now(),
      });
    }
  }
}
