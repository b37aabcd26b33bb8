/** Counts by name, of a bounded number of names however many strangers make up. */

export interface Row {
  readonly name: string;
  /** In the last interval, per second. */
  readonly rate: number;
  readonly total: number;
}

export type Order = "rate" | "total";

interface Count {
  total: number;
  recent: number;
}

const MAX_NAMES = 20_000;

export class RateTable {
  /** Names that were forgotten to make place; their counts begin again if they come again. */
  forgotten = 0;
  #counts = new Map<string, Count>();

  add(name: string): void {
    const count = this.#counts.get(name);
    if (count !== undefined) {
      count.total += 1;
      count.recent += 1;
      return;
    }
    if (this.#counts.size >= MAX_NAMES) this.#forget();
    this.#counts.set(name, { total: 1, recent: 1 });
  }

  /** The first `limit` rows; an interval of `seconds` ends here. */
  take(seconds: number, order: Order, limit: number): readonly Row[] {
    const rows = [...this.#counts].map(([name, count]) => {
      const row = { name, rate: count.recent / seconds, total: count.total };
      count.recent = 0;
      return row;
    });
    return sortRows(rows, order).slice(0, limit);
  }

  /** The half that was seen least. */
  #forget(): void {
    const entries = [...this.#counts].sort(([, a], [, b]) => b.total - a.total);
    const kept = entries.slice(0, MAX_NAMES / 2);
    this.forgotten += entries.length - kept.length;
    this.#counts = new Map(kept);
  }
}

/** By the order's number, then by the other one, then by name: equal rows never change places. */
export function sortRows<T extends Row>(rows: readonly T[], order: Order): readonly T[] {
  const other = order === "rate" ? "total" : "rate";
  return rows.toSorted(
    (a, b) => b[order] - a[order] || b[other] - a[other] || (a.name < b.name ? -1 : 1),
  );
}
