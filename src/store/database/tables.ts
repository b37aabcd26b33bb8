/** The statements of the writer, prepared once for a connection. */
import type { DatabaseSync } from "node:sqlite";
import { serialize } from "node:v8";
import type { Report, StoredGeneration } from "../contract.ts";
import { EntryReader } from "../entry-reader.ts";
import { compress } from "./compress.ts";
import { pragma } from "./schema.ts";

/** A row of `batch`, with its content. */
export interface BatchRow {
  readonly ring: number;
  readonly count: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly firstSite: number;
  readonly bootOffsetNs: bigint;
  readonly keys: Uint8Array;
  readonly records: Uint8Array;
}

export class Tables {
  readonly db: DatabaseSync;
  readonly entries: EntryReader;
  readonly #ringOf;
  readonly #insertRing;
  readonly #setPosition;
  readonly #reportedOf;
  readonly #setReported;
  readonly #insertBatch;
  readonly #updateBatch;
  readonly #insertContent;
  readonly #updateContent;
  readonly #generationAt;
  readonly #insertGeneration;
  readonly #oldest;
  readonly #oldestUntil;
  readonly #last;
  readonly #deleteBatch;
  readonly #deleteContent;
  readonly #pages;
  readonly #freePages;
  readonly #pageBytes: number;

  constructor(db: DatabaseSync) {
    this.db = db;
    this.entries = new EntryReader(db);
    this.#ringOf = db.prepare("SELECT id, position FROM ring WHERE name = ?");
    this.#insertRing = db.prepare("INSERT INTO ring (name, position) VALUES (?, ?)");
    this.#setPosition = db.prepare("UPDATE ring SET position = ? WHERE id = ?");
    this.#reportedOf = db.prepare("SELECT losses FROM told WHERE ring = ?");
    this.#setReported = db.prepare("INSERT OR REPLACE INTO told (ring, losses) VALUES (?, ?)");
    this.#insertBatch = db.prepare(
      `INSERT INTO batch (ring, count, first_us, last_us, first_site, boot_offset, report, keys)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#updateBatch = db.prepare(
      "UPDATE batch SET count = ?, first_us = ?, last_us = ?, first_site = ?, keys = ? WHERE id = ?",
    );
    this.#insertContent = db.prepare("INSERT INTO content (id, records) VALUES (?, ?)");
    this.#updateContent = db.prepare("UPDATE content SET records = ? WHERE id = ?");
    this.#generationAt = db.prepare(
      "SELECT number, loaded_ms, site_count FROM generation WHERE ring = ? AND first_site = ?",
    );
    this.#insertGeneration = db.prepare(
      `INSERT OR REPLACE INTO generation (ring, first_site, site_count, number, loaded_ms, source, sites)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#oldest = db.prepare("SELECT min(id) AS id FROM batch");
    this.#oldestUntil = db.prepare(
      "SELECT id, last_us FROM batch WHERE +last_us <= ? ORDER BY id LIMIT 1",
    );
    this.#last = db.prepare("SELECT max(id) AS id FROM batch");
    this.#deleteBatch = db.prepare("DELETE FROM batch WHERE id = ?");
    this.#deleteContent = db.prepare("DELETE FROM content WHERE id = ?");
    this.#pages = db.prepare("PRAGMA page_count");
    this.#freePages = db.prepare("PRAGMA freelist_count");
    this.#pageBytes = pragma(db, "page_size");
  }

  /** Of the database, without its log. */
  get bytes(): number {
    return Number(this.#pages.get()?.["page_count"]) * this.#pageBytes;
  }

  /** Of pages that hold something. */
  get usedBytes(): number {
    return this.bytes - Number(this.#freePages.get()?.["freelist_count"]) * this.#pageBytes;
  }

  /** Runs `work` in one transaction: all of it is stored, or nothing. */
  transaction(work: () => void): void {
    this.db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.db.exec("COMMIT");
    } catch (error) {
      // SQLite has rolled back by itself after some errors
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Id of the ring and the position behind what is stored of it; undefined: nothing of it is known. */
  ring(name: string): { id: number; position: number } | undefined {
    const row = this.#ringOf.get(name);
    if (row === undefined) return undefined;
    return { id: Number(row["id"]), position: Number(row["position"]) };
  }

  addRing(name: string, position: number): number {
    return Number(this.#insertRing.run(name, position).lastInsertRowid);
  }

  setPosition(ring: number, position: number): void {
    this.#setPosition.run(position, ring);
  }

  reported(ring: number): string | undefined {
    const losses = this.#reportedOf.get(ring)?.["losses"];
    return losses === undefined ? undefined : String(losses);
  }

  setReported(ring: number, losses: string): void {
    this.#setReported.run(ring, losses);
  }

  addBatch(row: BatchRow): number {
    const { ring, count, firstUs, lastUs, firstSite, bootOffsetNs, keys, records } = row;
    const { lastInsertRowid } = this.#insertBatch.run(
      ...[ring, count, firstUs, lastUs, firstSite, bootOffsetNs, null, keys],
    );
    this.#insertContent.run(lastInsertRowid, records);
    return Number(lastInsertRowid);
  }

  updateBatch(id: number, row: BatchRow): void {
    const { count, firstUs, lastUs, firstSite, keys, records } = row;
    this.#updateBatch.run(count, firstUs, lastUs, firstSite, keys, id);
    this.#updateContent.run(records, id);
  }

  addReport(ring: number, report: Report): void {
    const us = (report.atMs ?? Date.now()) * 1000;
    this.#insertBatch.run(...[ring, 0, us, us, 0, 0, JSON.stringify(report), null]);
  }

  /**
   * A rule set that is known already stays as it is. One without sites has no events, and makes way for another that
   * begins where it did. False: there is another one, whose events would be taken for those of this one.
   */
  addGeneration(ring: number, added: StoredGeneration): boolean {
    const { generation: number, firstSite, sites, source } = added;
    const loadedMs = Math.round(added.loadedAtMs);
    const known = this.#generationAt.get(ring, firstSite);
    if (known !== undefined && (Number(known["site_count"]) > 0 || sites.length === 0)) {
      const isSame = Number(known["number"]) === number && Number(known["loaded_ms"]) === loadedMs;
      return isSame || sites.length === 0;
    }
    this.#insertGeneration.run(
      ...[ring, firstSite, sites.length, number, loadedMs, source],
      compress(serialize(sites)),
    );
    return true;
  }

  oldest(): number | undefined {
    return Number(this.#oldest.get()?.["id"] ?? 0) || undefined;
  }

  /** 0: there is none. */
  get lastId(): number {
    return Number(this.#last.get()?.["id"] ?? 0);
  }

  /** The oldest whose times are not later. */
  oldestUntil(us: number): { id: number; lastUs: number } | undefined {
    const row = this.#oldestUntil.get(us);
    return row === undefined
      ? undefined
      : { id: Number(row["id"]), lastUs: Number(row["last_us"]) };
  }

  deleteBatch(id: number): void {
    this.#deleteBatch.run(id);
    this.#deleteContent.run(id);
  }

  /** Deletes rule sets and rings that no event belongs to any more, except those of `ring` from `firstSite` on. */
  deleteUnused(ring: number, firstSite: number): void {
    this.db
      .prepare(
        `DELETE FROM generation WHERE NOT (ring = ? AND first_site >= ?) AND
         first_site + site_count <= coalesce((SELECT min(first_site) FROM batch
           WHERE batch.ring = generation.ring AND report IS NULL), 9e15)`,
      )
      .run(ring, firstSite);
    this.db
      .prepare("DELETE FROM ring WHERE id <> ? AND id NOT IN (SELECT DISTINCT ring FROM batch)")
      .run(ring);
    this.db.exec("DELETE FROM told WHERE ring NOT IN (SELECT id FROM ring)");
  }
}
