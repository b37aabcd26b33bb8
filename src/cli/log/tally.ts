/** `sct log --count` and `--by`: how many events, and how many of each value. */
import { setImmediate as turn } from "node:timers/promises";
import { escapeControls, toJson } from "../../base/escape.ts";
import { encodeText, quoted, type RecordReader, type Site } from "../../events/index.ts";
import type { HistoryReader, Report, Selection } from "../../store/index.ts";
import { plural } from "../plural.ts";
import { FIELDS, type FieldValue, isStrangersText } from "./fields.ts";
import type { Printer } from "./printer.ts";
import { describeReport } from "./report-line.ts";

/** Different values that are kept apart, in some 50 MB; a history of paths has no end of them. */
const MAX_VALUES = 250_000;

export class Tally {
  events = 0;
  /** Events whose value came when there were too many already. */
  others = 0;
  readonly by: string | undefined;
  readonly #field;
  readonly #counts = new Map<FieldValue, number>();
  readonly #missing = new Map<string, number>();
  readonly #maxValues: number;

  constructor(by: string | undefined, maxValues = MAX_VALUES) {
    this.by = by;
    this.#field = by === undefined ? undefined : FIELDS.get(by);
    this.#maxValues = maxValues;
  }

  add(record: RecordReader, site: Site): void {
    this.events++;
    if (this.#field === undefined) return;
    const value = this.#field(record, site);
    const count = this.#counts.get(value) ?? 0;
    if (count === 0 && this.#counts.size >= this.#maxValues) this.others++;
    else this.#counts.set(value, count + 1);
  }

  /** What a report says has no events that could be counted. */
  addMissing(report: Report): void {
    const kind = describeReport(report);
    this.#missing.set(kind, (this.#missing.get(kind) ?? 0) + report.total);
  }

  /** `3 events lost`, each kind. */
  get missing(): readonly string[] {
    return [...this.#missing].map(([kind, total]) => `${plural(total, "event")} ${kind}`);
  }

  /** Most first, equal ones by name. */
  get rows(): readonly (readonly [FieldValue, number])[] {
    return [...this.#counts].toSorted(
      ([a, m], [b, n]) => n - m || (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0),
    );
  }
}

/** Counts until the end of the history as it is now, or until `isStopped`. */
export async function countAll(
  tally: Tally,
  { reader, selection, printer }: { reader: HistoryReader; selection: Selection; printer: Printer },
  isStopped: () => boolean,
): Promise<void> {
  for (const entry of reader.entries(selection, 0)) {
    if (entry.report === undefined) printer.tally(entry, (record, site) => tally.add(record, site));
    else if (selection.holdsReport(entry.report, entry.firstUs)) tally.addMissing(entry.report);
    // signals come between turns
    await turn();
    if (isStopped()) return;
  }
}

/** Its lines. `columns`: longer ones are cut; undefined: none is. */
export function* linesOf(tally: Tally, isJson: boolean, columns?: number): Generator<string> {
  const { by, rows } = tally;
  if (by === undefined) {
    yield isJson ? toJson({ count: tally.events }) : String(tally.events);
    return;
  }
  const width = String(rows[0]?.[1] ?? 0).length;
  for (const [value, count] of rows)
    yield isJson
      ? toJson({ [by]: value, count })
      : cut(`${String(count).padStart(width)}  ${shown(by, value)}`, columns);
  if (tally.others > 0 && !isJson) yield `${String(tally.others).padStart(width)}  (others)`;
}

function shown(by: string, value: FieldValue): string {
  if (value === null) return "(none)";
  if (typeof value === "string" && isStrangersText(by))
    return quoted(Buffer.from(encodeText(value)));
  return escapeControls(String(value));
}

function cut(line: string, columns = Number.POSITIVE_INFINITY): string {
  return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
}
