/** How many events there are, and how many of each value of a field. */
import type { RecordReader, Site } from "../events/index.ts";
import type { Report } from "../store/index.ts";
import { FIELDS, type FieldValue } from "./event-fields.ts";

/** Different values that are kept apart, in some 50 MB; a history of paths has no end of them. */
const MAX_VALUES = 250_000;

export type MissingEvents = Pick<Report, "kind" | "where" | "total">;

export class ValueCounts {
  events = 0;
  /** Events whose value came when there were too many already. */
  others = 0;
  readonly by: string | undefined;
  readonly #field;
  readonly #counts = new Map<FieldValue, number>();
  readonly #missing: { -readonly [K in keyof MissingEvents]: MissingEvents[K] }[] = [];
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
    const { kind, where, total } = report;
    const known = this.#missing.find((one) => one.kind === kind && one.where === where);
    if (known === undefined)
      this.#missing.push({ kind, total, ...(where === undefined ? {} : { where }) });
    else known.total += total;
  }

  /** Matching calls without an event, of each kind. */
  get missing(): readonly MissingEvents[] {
    return this.#missing;
  }

  /** Most first, equal ones by name. */
  get rows(): readonly (readonly [FieldValue, number])[] {
    return [...this.#counts].toSorted(
      ([a, m], [b, n]) => n - m || (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0),
    );
  }
}
