/**
 * Reads a history while the service writes it. Every statement is a transaction of its own: a reader that is stopped,
 * or waits for a slow terminal, never keeps the service's log from being emptied.
 */
import { statSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Report } from "./contract.ts";
import { decompress } from "./database/compress.ts";
import { damaged, openForReading } from "./database/open-for-reading.ts";
import { pragma } from "./database/schema.ts";
import { resultCode } from "./database/storage-error.ts";
import type { Selection } from "./selection.ts";
import { StoredGenerations } from "./stored-generations.ts";

/** Entries looked up at a time. */
const PAGE = 256;

/** Events that were stored together, or a report. */
export interface HistoryEntry {
  readonly id: number;
  readonly ring: number;
  /** Events in it when it was looked up. */
  readonly count: number;
  readonly bootOffsetNs: bigint;
  /** Instead of events. */
  readonly report: Report | undefined;
  readonly firstUs: number;
}

export class HistoryReader {
  readonly generations: StoredGenerations;
  readonly #file: string;
  readonly #db: DatabaseSync;
  readonly #inode: number;
  readonly #pages = new WeakMap<Selection, Map<boolean, StatementSync>>();
  readonly #content;
  readonly #last;

  private constructor(file: string, db: DatabaseSync) {
    this.#file = file;
    this.#db = db;
    this.#inode = statSync(file).ino;
    this.generations = new StoredGenerations(db);
    this.#content = db.prepare("SELECT records FROM content WHERE id = ?");
    this.#last = db.prepare("SELECT id, count FROM batch ORDER BY id DESC LIMIT 1");
  }

  /** Throws HistoryError. */
  static open(file: string): HistoryReader {
    const db = openForReading(file);
    try {
      return new HistoryReader(file, db);
    } catch (error) {
      db.close();
      throw resultCode(error) === undefined ? error : damaged(file, error);
    }
  }

  /** Entries from `start` on that may hold what is asked for; `backward`: newest first. */
  *entries(selection: Selection, start: number, isBackward = false): Generator<HistoryEntry> {
    const statement = this.#page(selection, isBackward);
    const since = toInteger(selection.sinceUs);
    const until = toInteger(selection.untilUs);
    for (let from = start; ; ) {
      const rows = this.#read(() => statement.all(from, since, until));
      for (const row of rows) {
        const entry = toEntry(row);
        if (entry.report !== undefined || selection.mayHold(row["keys"] as Uint8Array)) yield entry;
        from = entry.id + (isBackward ? -1 : 1);
      }
      if (rows.length < PAGE) return;
    }
  }

  #page(selection: Selection, isBackward: boolean): StatementSync {
    const known = this.#pages.get(selection) ?? new Map<boolean, StatementSync>();
    this.#pages.set(selection, known);
    const order = isBackward ? ["<=", "DESC"] : [">=", "ASC"];
    const statement =
      known.get(isBackward) ??
      this.#read(() =>
        this.#db.prepare(
          `SELECT id, ring, count, first_us, CAST(boot_offset AS TEXT) AS offset, report, keys FROM batch
           WHERE id ${order[0]} ? AND last_us >= ? AND first_us <= ? AND (report IS NOT NULL OR ${selection.condition})
           ORDER BY id ${order[1]} LIMIT ${PAGE}`,
        ),
      );
    known.set(isBackward, statement);
    return statement;
  }

  /** The records of an entry as they lay in the ring; undefined: deleted meanwhile. Throws DamageError. */
  records(id: number): Uint8Array | undefined {
    const row = this.#read(() => this.#content.get(id));
    return row === undefined ? undefined : decompress(row["records"] as Uint8Array);
  }

  /** The newest entry, and how many events it has so far. */
  get last(): { readonly id: number; readonly count: number } {
    const row = this.#read(() => this.#last.get());
    return { id: Number(row?.["id"] ?? 0), count: Number(row?.["count"] ?? 0) };
  }

  /** Another number after each change by the service. */
  get version(): number {
    return this.#read(() => pragma(this.#db, "data_version"));
  }

  /** Whether another file has taken the place of this one. */
  get isReplaced(): boolean {
    return statSync(this.#file, { throwIfNoEntry: false })?.ino !== this.#inode;
  }

  close(): void {
    this.#db.close();
  }

  #read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw resultCode(error) === undefined ? error : damaged(this.#file, error);
    }
  }
}

/** SQLite has no infinite integers, and rows hold whole µs. */
function toInteger(us: number): number {
  return Math.round(Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, us)));
}

function toEntry(row: Record<string, unknown>): HistoryEntry {
  const report = row["report"];
  return {
    id: Number(row["id"]),
    ring: Number(row["ring"]),
    count: Number(row["count"]),
    bootOffsetNs: BigInt(String(row["offset"])),
    report: report === null ? undefined : (JSON.parse(String(report)) as Report),
    firstUs: Number(row["first_us"]),
  };
}
