/** What happens just now: counters for rules, the events themselves for processes and paths. */
import type { SctEvent } from "../events/index.ts";
import { type Order, RateTable, sortRows } from "./rates.ts";
import type { Frame, RuleRow } from "./top-frame.ts";
import type { TopCounters, TopSink } from "./top-source.ts";

/** Part of an interval that may go into looking at events; those beyond are counted by the kernel all the same. */
const BUDGET = 0.5;
const MAX_ROWS = 200;

export class TopModel implements TopSink {
  readonly #intervalMs: number;
  readonly #processes = new RateTable();
  readonly #paths = new RateTable();
  #before: readonly TopCounters[];
  #takenAt = performance.now();
  #spentMs = 0;
  #unseen = 0;

  constructor(counters: readonly TopCounters[], intervalMs: number) {
    this.#before = counters;
    this.#intervalMs = intervalMs;
  }

  /** Ends an interval, at whose end the rules have these counters. */
  take(counters: readonly TopCounters[], order: Order, isPaused: boolean): Frame {
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#takenAt) / 1000);
    const before = new Map(this.#before.map(({ rule, matched }) => [rule, matched]));
    const rules = counters.map(({ rule, matched: total, limited, dropped: lost }): RuleRow => {
      const old = before.get(rule) ?? 0;
      // rules that were loaded again count from 0
      const rate = (total < old ? total : total - old) / seconds;
      return { name: rule, rate, total, limited, lost };
    });
    const frame: Frame = {
      ts: new Date().toISOString(),
      seconds,
      order,
      isPaused,
      unseen: this.#unseen,
      rules: sortRows(rules, order).slice(0, MAX_ROWS),
      processes: this.#processes.take(seconds, order, MAX_ROWS),
      paths: this.#paths.take(seconds, order, MAX_ROWS),
    };
    this.#before = counters;
    this.#takenAt = now;
    this.#spentMs = 0;
    return frame;
  }

  get isSpent(): boolean {
    return this.#spentMs > this.#intervalMs * BUDGET;
  }

  see(decode: () => SctEvent): void {
    if (this.isSpent) {
      this.pass(1);
      return;
    }
    const start = performance.now();
    this.#count(decode());
    this.#spentMs += performance.now() - start;
  }

  pass(count: number): void {
    this.#unseen += count;
  }

  #count({ pid, comm, path, params }: SctEvent): void {
    this.#processes.add(`${pid ?? "?"} ${comm}`);
    if (path !== null) {
      this.#paths.add(path);
      return;
    }
    for (const { type, value } of params) {
      if (type === "path" && typeof value === "string") this.#paths.add(value);
    }
  }
}
