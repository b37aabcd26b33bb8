/** Entries of a history as lines, and how many lines an entry has. */

import { eventNames } from "../../engines/context/index.ts";
import {
  JsonFormatter,
  RecordError,
  RecordReader,
  type TextBuffer,
  TextFormatter,
  WallClock,
} from "../../events/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { logs } from "../../language/index.ts";
import {
  DamageError,
  type Entry,
  type HistoryReader,
  type KnownGeneration,
  RingRecords,
  type Selection,
} from "../../store/index.ts";
import { reportLine } from "./report-line.ts";

interface Formatter {
  format(memory: Uint8Array, offset: number, length: number, out: TextBuffer): void;
}

interface Visitor {
  line(generation: KnownGeneration, bytes: Uint8Array, offset: number, length: number): void;
  withoutLine?(): void;
}

/** Of an entry: which of its lines to leave out, and which of its records are known already. */
export interface Skip {
  readonly lines?: number;
  readonly records?: number;
}

export class Printer {
  /** Events that are damaged. */
  damaged = 0;
  /** Events whose rule set is not in the history, or damaged. */
  unknown = 0;
  /** Events that were asked for and have no line: their rules have no LOG action. */
  withoutLine = 0;
  readonly #reader: HistoryReader;
  readonly #selection: Selection;
  readonly #isJson: boolean;
  readonly #record = new RecordReader();
  readonly #clock = new WallClock(0n);
  readonly #names = eventNames();
  readonly #formatters = new WeakMap<KnownGeneration, Formatter>();

  constructor(reader: HistoryReader, selection: Selection, isJson: boolean) {
    this.#reader = reader;
    this.#selection = selection;
    this.#isJson = isJson;
  }

  /** Lines that `print` would write. Damage is not counted here. */
  count(entry: Entry): number {
    let lines = 0;
    if (entry.report !== undefined)
      return this.#selection.holdsReport(entry.report, entry.firstUs) ? 1 : 0;
    this.#visit(entry, { line: () => lines++ });
    return lines;
  }

  /** Appends the lines of an entry; returns the number of records that were in it. */
  print(entry: Entry, out: TextBuffer, skip: Skip = {}): number {
    const { report, firstUs } = entry;
    if (report !== undefined) {
      if (this.#selection.holdsReport(report, firstUs) && (skip.lines ?? 0) === 0)
        out.string(reportLine(report, firstUs / 1000, this.#isJson));
      return 0;
    }
    this.#clock.adjust(entry.bootOffsetNs);
    const skipped = skip.lines ?? 0;
    let lines = 0;
    const visitor: Visitor = {
      line: (generation, bytes, offset, length) => {
        if (lines++ < skipped) return;
        this.#formatter(generation).format(bytes, offset, length, out);
      },
      withoutLine: () => {
        if (lines > skipped || skipped === 0) this.withoutLine++;
      },
    };
    const { records, damaged, unknown } = this.#visit(entry, visitor, skip.records);
    this.damaged += damaged;
    this.unknown += unknown;
    return records;
  }

  /** Tells of each record that is asked for. */
  #visit(
    entry: Entry,
    visitor: Visitor,
    skipRecords = 0,
  ): { records: number; damaged: number; unknown: number } {
    let records = 0;
    let damaged = 0;
    let unknown = 0;
    const offsetUs = Number(entry.bootOffsetNs) / 1000;
    try {
      const bytes = this.#reader.records(entry.id);
      if (bytes === undefined) return { records, damaged, unknown };
      const finder = this.#selection.finder(bytes);
      for (const ring = new RingRecords(bytes); ring.next(); ) {
        if (records++ < skipRecords || !finder.mayBeIn(ring.offset, ring.length)) continue;
        if (!this.#open(bytes, ring.offset, ring.length)) {
          damaged++;
          continue;
        }
        const generation = this.#reader.generations.find(entry.ring, this.#record.site);
        const site = generation?.sites[this.#record.site - generation.firstSite];
        if (generation === undefined || site === undefined) {
          unknown++;
          continue;
        }
        const atUs = this.#record.double(RecordOffset.time) / 1000 + offsetUs;
        if (!this.#selection.holds(this.#record, site, atUs)) continue;
        if (this.#isJson || logs(site.rule))
          visitor.line(generation, bytes, ring.offset, ring.length);
        else visitor.withoutLine?.();
      }
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      damaged += Math.max(1, entry.count - records);
    }
    return { records, damaged, unknown };
  }

  /** False: it is no record. */
  #open(bytes: Uint8Array, offset: number, length: number): boolean {
    try {
      this.#record.open(bytes, offset, length);
      return true;
    } catch (error) {
      if (error instanceof RecordError) return false;
      throw error;
    }
  }

  #formatter(known: KnownGeneration): Formatter {
    let formatter = this.#formatters.get(known);
    if (formatter === undefined) {
      const { generation, firstSite, sites } = known;
      const context = { clock: this.#clock, names: this.#names, generation, firstSite };
      formatter = this.#isJson
        ? new JsonFormatter(sites, context)
        : new TextFormatter(sites, context);
      this.#formatters.set(known, formatter);
    }
    return formatter;
  }
}
