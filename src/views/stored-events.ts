/** The events of a history's entries that are asked for, one by one, where they lie. */
import { DamageError, RecordReader, RingStream, type Site } from "../events/index.ts";
import { RecordOffset } from "../events/layout.ts";
import type { HistoryEntry, HistoryReader, KnownGeneration, Selection } from "../store/index.ts";

/** An event of a visit. Its reader moves to the next one, so it is valid until the visitor returns. */
export interface VisitedEvent {
  readonly record: RecordReader;
  readonly generation: KnownGeneration;
  readonly site: Site;
  /** Where its record is. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

export interface Visited {
  /** Records that the entry had, asked for or not. */
  readonly records: number;
  /** Records that are none, and those behind a damaged place. */
  readonly damaged: number;
  /** Records of rule sets that the history does not have. */
  readonly unknown: number;
}

export class StoredEvents {
  readonly #reader: HistoryReader;
  readonly #selection: Selection;
  readonly #record = new RecordReader();

  constructor(reader: HistoryReader, selection: Selection) {
    this.#reader = reader;
    this.#selection = selection;
  }

  /** Hands each event of `entry` that is asked for to `take`, without the first `skipped` records. */
  visit(entry: HistoryEntry, take: (event: VisitedEvent) => void, skipped = 0): Visited {
    let records = 0;
    let damaged = 0;
    let unknown = 0;
    const offsetUs = Number(entry.bootOffsetNs) / 1000;
    const record = this.#record;
    try {
      const bytes = this.#reader.records(entry.id);
      if (bytes === undefined) return { records, damaged, unknown };
      const finder = this.#selection.finder(bytes);
      for (const ring = new RingStream(bytes); ring.next(); ) {
        const { offset, length } = ring;
        if (records++ < skipped || !finder.mayBeIn(offset, length)) continue;
        if (!record.tryOpen(bytes, offset, length)) {
          damaged++;
          continue;
        }
        const generation = this.#reader.generations.find(entry.ring, record.site);
        const site = generation?.sites[record.site - generation.firstSite];
        if (generation === undefined || site === undefined) {
          unknown++;
          continue;
        }
        const atUs = record.double(RecordOffset.time) / 1000 + offsetUs;
        if (this.#selection.holds(record, site, atUs))
          take({ record, generation, site, bytes, offset, length });
      }
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      damaged += Math.max(1, entry.count - records);
    }
    return { records, damaged, unknown };
  }
}
