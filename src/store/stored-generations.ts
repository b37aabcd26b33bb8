/** The rule sets of a history, found by the site number of a record. */
import type { DatabaseSync } from "node:sqlite";
import { deserialize } from "node:v8";
import type { Site } from "../events/site.ts";
import { decompress } from "./database/compress.ts";

export interface KnownGeneration {
  readonly generation: number;
  readonly firstSite: number;
  readonly sites: readonly Site[];
}

/** Rule sets kept decoded; more than a reader meets at a time. */
const MAX_KEPT = 32;

export class StoredGenerations {
  readonly #find;
  readonly #all;
  readonly #maxKept: number;
  readonly #known = new Map<string, KnownGeneration>();
  #last: { readonly ring: number; readonly found: KnownGeneration } | undefined;

  constructor(db: DatabaseSync, maxKept = MAX_KEPT) {
    this.#maxKept = maxKept;
    this.#all = db.prepare(
      "SELECT number, first_site, sites FROM generation ORDER BY loaded_ms DESC, number DESC",
    );
    this.#find = db.prepare(
      `SELECT number, first_site, site_count, sites FROM generation
       WHERE ring = ? AND first_site <= ? ORDER BY first_site DESC LIMIT 1`,
    );
  }

  /** All of the history, the newest first; undefined: one that cannot be read. */
  *all(): Generator<KnownGeneration | undefined> {
    for (const row of this.#all.iterate()) yield decode(row);
  }

  /** The same object for the same rule set while it is kept. Undefined: it is not known, or cannot be read. */
  find(ring: number, site: number): KnownGeneration | undefined {
    const last = this.#last;
    if (last !== undefined && last.ring === ring && covers(last.found, site)) return last.found;
    const row = this.#find.get(ring, site);
    if (row === undefined || site >= Number(row["first_site"]) + Number(row["site_count"])) return;
    // one without sites may have made way for another
    const key = `${ring} ${row["first_site"]} ${row["number"]}`;
    const found = this.#known.get(key) ?? decode(row);
    if (found === undefined) return undefined;
    if (this.#known.size >= this.#maxKept) this.#known.clear();
    this.#known.set(key, found);
    this.#last = { ring, found };
    return found;
  }
}

function covers({ firstSite, sites }: KnownGeneration, site: number): boolean {
  return site >= firstSite && site < firstSite + sites.length;
}

function decode(row: Record<string, unknown>): KnownGeneration | undefined {
  try {
    const sites = deserialize(decompress(row["sites"] as Uint8Array)) as readonly Site[];
    return { generation: Number(row["number"]), firstSite: Number(row["first_site"]), sites };
  } catch {
    // damaged: its events are counted as such
    return undefined;
  }
}
