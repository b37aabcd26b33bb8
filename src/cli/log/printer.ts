/** Entries of a history as lines, and how many lines an entry has. */

import { eventNames } from "../../engines/context/index.ts";
import {
  DatedTextFormatter,
  JsonFormatter,
  type RecordReader,
  type Site,
  TextBuffer,
  TextFormatter,
  WallClock,
} from "../../events/index.ts";
import { logs } from "../../language/index.ts";
import type { HistoryEntry, HistoryReader, KnownGeneration, Selection } from "../../store/index.ts";
import { StoredEvents, type Visited, type VisitedEvent } from "../../views/index.ts";
import type { Form } from "./form.ts";
import { reportLine } from "./report-line.ts";

interface Formatter {
  format(memory: Uint8Array, offset: number, length: number, out: TextBuffer): void;
}

interface Visitor {
  line(event: VisitedEvent): void;
  withoutLine?(event: VisitedEvent): void;
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
  readonly #events: StoredEvents;
  readonly #selection: Selection;
  readonly #form: Form;
  /** A line that is looked at before it is printed. */
  readonly #trial = new TextBuffer();
  readonly #clock = new WallClock(0n);
  readonly #names = eventNames();
  readonly #formatters = new WeakMap<KnownGeneration, Formatter>();

  constructor(reader: HistoryReader, selection: Selection, form: Form) {
    this.#events = new StoredEvents(reader, selection);
    this.#selection = selection;
    this.#form = form;
  }

  /** Lines that `print` would write. Damage is not counted here. */
  count(entry: HistoryEntry): number {
    let lines = 0;
    if (entry.report !== undefined)
      return this.#selection.holdsReport(entry.report, entry.firstUs) ? 1 : 0;
    this.#visit(entry, { line: () => lines++ });
    return lines;
  }

  /** Takes each event that is asked for: with `--grep` those whose line it is, else all, whether they have a line or not. */
  tally(entry: HistoryEntry, take: (record: RecordReader, site: Site) => void): void {
    const visitor: Visitor = {
      line: ({ record, site }) => take(record, site),
      withoutLine: ({ record, site }) => {
        if (this.#form.greps.length > 0) this.withoutLine++;
        else take(record, site);
      },
    };
    const { damaged, unknown } = this.#visit(entry, visitor);
    this.damaged += damaged;
    this.unknown += unknown;
  }

  /** Appends the lines of an entry; returns the number of records that were in it. */
  print(entry: HistoryEntry, out: TextBuffer, skip: Skip = {}): number {
    const { report, firstUs } = entry;
    if (report !== undefined) {
      if (this.#selection.holdsReport(report, firstUs) && (skip.lines ?? 0) === 0)
        out.string(reportLine(report, firstUs / 1000, this.#form.isJson));
      return 0;
    }
    const skipped = skip.lines ?? 0;
    let lines = 0;
    const visitor: Visitor = {
      line: ({ generation, bytes, offset, length }) => {
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

  /** As StoredEvents.visit, of events that have a line that is asked for. */
  #visit(entry: HistoryEntry, visitor: Visitor, skipRecords = 0): Visited {
    this.#clock.adjust(entry.bootOffsetNs);
    const take = (event: VisitedEvent): void => {
      if (!this.#form.isJson && !logs(event.site.rule)) visitor.withoutLine?.(event);
      else if (this.#isMeant(event)) visitor.line(event);
    };
    return this.#events.visit(entry, take, skipRecords);
  }

  /** Whether the line of a record is one that `--grep` looks for. */
  #isMeant({ generation, bytes, offset, length }: VisitedEvent): boolean {
    const { greps } = this.#form;
    if (greps.length === 0) return true;
    this.#trial.clear();
    this.#formatter(generation).format(bytes, offset, length, this.#trial);
    const line = Buffer.from(this.#trial.view()).toString().slice(0, -1);
    return greps.some((grep) => grep.test(line));
  }

  #formatter(known: KnownGeneration): Formatter {
    let formatter = this.#formatters.get(known);
    if (formatter === undefined) {
      const { generation, firstSite, sites } = known;
      const context = { clock: this.#clock, names: this.#names, generation, firstSite };
      const { isJson, isDated } = this.#form;
      const Kind = isJson ? JsonFormatter : isDated ? DatedTextFormatter : TextFormatter;
      formatter = new Kind(sites, context);
      this.#formatters.set(known, formatter);
    }
    return formatter;
  }
}
