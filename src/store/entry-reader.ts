/** What the service itself reads again of its history: outputs that are behind continue from there. */
import type { DatabaseSync } from "node:sqlite";
import { freeOwn } from "../base/free-memory.ts";
import { DamageError } from "../events/index.ts";
import { decompress } from "./database/compress.ts";
import { OutputTable } from "./database/output-table.ts";
import { type KnownGeneration, StoredGenerations } from "./stored-generations.ts";

/** Events that were stored together. */
export interface StoredEntry {
  readonly id: number;
  /** Number of the ring here, and its name. */
  readonly ring: number;
  readonly ringId: string;
  readonly count: number;
  readonly bootOffsetNs: bigint;
}

/** Rule sets kept decoded: those of the events that are read just now. */
const KEPT_RULE_SETS = 2;

export class EntryReader {
  /** What the service notes of its outputs. */
  readonly outputs: OutputTable;
  readonly #generations: StoredGenerations;
  readonly #next;
  readonly #content;
  readonly #last;
  readonly #count;

  constructor(db: DatabaseSync) {
    this.outputs = new OutputTable(db);
    this.#generations = new StoredGenerations(db, KEPT_RULE_SETS);
    this.#next = db.prepare(
      `SELECT batch.id, ring, ring.name, count, CAST(boot_offset AS TEXT) AS offset
       FROM batch LEFT JOIN ring ON ring.id = ring
       WHERE batch.id >= ? AND report IS NULL ORDER BY batch.id LIMIT 1`,
    );
    this.#last = db.prepare("SELECT id, count FROM batch ORDER BY id DESC LIMIT 1");
    this.#count = db.prepare(
      "SELECT coalesce(sum(count), 0) AS n FROM batch WHERE id >= ? AND id <= ?",
    );
    this.#content = db.prepare("SELECT records FROM content WHERE id = ?");
  }

  /** The first with events whose id is not less than `id`. */
  next(id: number): StoredEntry | undefined {
    const row = this.#next.get(id);
    if (row === undefined) return undefined;
    return {
      id: Number(row["id"]),
      ring: Number(row["ring"]),
      ringId: String(row["name"]),
      count: Number(row["count"]),
      bootOffsetNs: BigInt(String(row["offset"])),
    };
  }

  /** The newest, and how many events it has so far. */
  get last(): { readonly entry: number; readonly first: number } {
    const row = this.#last.get();
    return { entry: Number(row?.["id"] ?? 0), first: Number(row?.["count"] ?? 0) };
  }

  /** Events of the entries from one to another, these included. */
  count(from: number, to: number): number {
    return Number(this.#count.get(from, to)?.["n"]);
  }

  /** Its records as they lay in the ring; undefined: they cannot be read. */
  records(id: number): Uint8Array | undefined {
    const row = this.#content.get(id);
    if (row === undefined) return undefined;
    const records = row["records"] as Uint8Array;
    try {
      return decompress(records);
    } catch (error) {
      if (error instanceof DamageError) return undefined;
      throw error;
    } finally {
      freeOwn(records);
    }
  }

  /** The rule set of a record; undefined: it is not known any more. */
  generation(ring: number, site: number): KnownGeneration | undefined {
    return this.#generations.find(ring, site);
  }
}
