/** Counts and times of calls: the table of -c. */
import type { DecodeContext } from "../../decoding/index.ts";
import { secondsText } from "./clock.ts";
import { nameOfCall } from "./decoder.ts";
import type { SummaryColumn, SummaryPlan } from "./plan.ts";

interface Row {
  readonly name: string;
  calls: number;
  errors: number;
  totalNs: number;
  leastNs: number;
  mostNs: number;
}

export interface CallCost {
  readonly tookNs: bigint;
  readonly systemNs: bigint;
  readonly error: boolean;
}

export class Summary {
  readonly #plan: SummaryPlan;
  readonly #rows = new Map<string, Row>();

  constructor(plan: SummaryPlan) {
    this.#plan = plan;
  }

  add({ nr, abi }: DecodeContext, { tookNs, systemNs, error }: CallCost): void {
    const name = nameOfCall(nr, abi);
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { name, calls: 0, errors: 0, totalNs: 0, leastNs: 0, mostNs: 0 };
      this.#rows.set(name, row);
    }
    const spentNs = Number(this.#plan.wall ? tookNs : systemNs);
    const ns = Math.max(0, spentNs - this.#plan.overheadNs);
    row.leastNs = row.calls === 0 ? ns : Math.min(row.leastNs, ns);
    row.mostNs = Math.max(row.mostNs, ns);
    row.calls++;
    row.totalNs += ns;
    if (error) row.errors++;
  }

  /** Lines with their ends; empty where no call was counted. */
  text(): string {
    const rows = [...this.#rows.values()];
    if (rows.length === 0) return "";
    const { sort } = this.#plan;
    if (sort !== "none") rows.sort(ORDERS[sort]);
    const total = totalOf(rows);
    const all = [...rows, total].map((row) => this.#cells(row, total));
    const columns = this.#plan.columns.map((name) => ({ name, ...COLUMNS[name] }));
    const widths = columns.map(({ width, name }, i) =>
      name === "name" ? width : Math.max(width, ...all.map((cells) => (cells[i] ?? "").length)),
    );
    const line = (cells: readonly string[]): string =>
      `${cells
        .map((cell, i) =>
          columns[i]?.name === "name" ? pad(cell, i, cells) : cell.padStart(widths[i] ?? 0),
        )
        .join(" ")}\n`;
    const rule = `${widths.map((width) => "-".repeat(width)).join(" ")}\n`;
    const lines = all.map(line);
    const last = lines.pop() ?? "";
    return `${line(columns.map(({ title }) => title))}${rule}${lines.join("")}${rule}${last}`;
    function pad(cell: string, i: number, cells: readonly string[]): string {
      return i === cells.length - 1 ? cell : cell.padEnd(widths[i] ?? 0);
    }
  }

  #cells(row: Row, total: Row): readonly string[] {
    return this.#plan.columns.map((name) => COLUMNS[name].cell(row, total));
  }
}

function totalOf(rows: readonly Row[]): Row {
  return {
    name: "total",
    calls: rows.reduce((sum, { calls }) => sum + calls, 0),
    errors: rows.reduce((sum, { errors }) => sum + errors, 0),
    totalNs: rows.reduce((sum, { totalNs }) => sum + totalNs, 0),
    leastNs: Math.min(...rows.map(({ leastNs }) => leastNs)),
    mostNs: Math.max(...rows.map(({ mostNs }) => mostNs)),
  };
}

const byNumber = (value: (row: Row) => number) => (a: Row, b: Row) => value(b) - value(a);
const averageNs = ({ totalNs, calls }: Row): number => (calls === 0 ? 0 : totalNs / calls);

const ORDERS: Readonly<Record<SummaryColumn, (a: Row, b: Row) => number>> = {
  "time-percent": byNumber(({ totalNs }) => totalNs),
  "total-time": byNumber(({ totalNs }) => totalNs),
  "min-time": byNumber(({ leastNs }) => leastNs),
  "max-time": byNumber(({ mostNs }) => mostNs),
  "avg-time": byNumber((row) => averageNs(row)),
  calls: byNumber(({ calls }) => calls),
  errors: byNumber(({ errors }) => errors),
  name: (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
};

interface Column {
  readonly title: string;
  readonly width: number;
  readonly cell: (row: Row, total: Row) => string;
}

const COLUMNS: Readonly<Record<SummaryColumn, Column>> = {
  "time-percent": {
    title: "% time",
    width: 6,
    cell: ({ totalNs, name }, total) => {
      if (name === "total" && total.name === "total" && totalNs === total.totalNs) return "100.00";
      const whole = total.totalNs;
      return (whole === 0 ? 0 : (100 * totalNs) / whole).toFixed(2);
    },
  },
  "total-time": {
    title: "seconds",
    width: 11,
    cell: ({ totalNs }) => secondsText(BigInt(Math.round(totalNs)), 6),
  },
  "min-time": {
    title: "shortest",
    width: 11,
    cell: ({ leastNs }) => secondsText(BigInt(Math.round(leastNs)), 6),
  },
  "max-time": {
    title: "longest",
    width: 11,
    cell: ({ mostNs }) => secondsText(BigInt(Math.round(mostNs)), 6),
  },
  "avg-time": {
    title: "usecs/call",
    width: 11,
    cell: (row) => String(Math.floor(averageNs(row) / 1000)),
  },
  calls: { title: "calls", width: 9, cell: ({ calls }) => String(calls) },
  errors: { title: "errors", width: 9, cell: ({ errors }) => (errors === 0 ? "" : String(errors)) },
  name: { title: "syscall", width: 16, cell: ({ name }) => name },
};
