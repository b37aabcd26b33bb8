/** What the service itself reads again of its history: outputs that are behind go on from there. */
import type { DatabaseSync } from "node:sqlite";
import { decompress } from "./compress.ts";
import { type KnownGeneration, KnownGenerations } from "./known-generations.ts";
import { DamageError } from "./ring-records.ts";

/** Events that were stored together. */
export interface StoredEntry {
  readonly id: number;
  /** Number of the ring here, and its name. */
  readonly ring: number;
  readonly ringId: string;
  readonly count: number;
  readonly bootOffsetNs: bigint;
}

export class EntryReader {
  readonly #generations: KnownGenerations;
  readonly #next;
  readonly #content;

  constructor(db: DatabaseSync) {
    this.#generations = new KnownGenerations(db);
    this.#next = db.prepare(
      `SELECT batch.id, ring, ring.name, count, CAST(boot_offset AS TEXT) AS offset
       FROM batch LEFT JOIN ring ON ring.id = ring
       WHERE batch.id >= ? AND report IS NULL ORDER BY batch.id LIMIT 1`,
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

  /** Its records as they lay in the ring; undefined: they cannot be read. */
  records(id: number): Uint8Array | undefined {
    const row = this.#content.get(id);
    try {
      return row === undefined ? undefined : decompress(row["records"] as Uint8Array);
    } catch (error) {
      if (error instanceof DamageError) return undefined;
      throw error;
    }
  }

  /** The rule set of a record; undefined: it is not known any more. */
  generation(ring: number, site: number): KnownGeneration | undefined {
    return this.#generations.find(ring, site);
  }
}
