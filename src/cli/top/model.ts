/** What `sct top` knows: counters of the engine for rules, the events themselves for processes and paths. */
import { performance } from "node:perf_hooks";
import type { Engine, EngineCounters, RecordSink } from "../../engines/engine.ts";
import type { EventDecoder, SctEvent } from "../../events/index.ts";
import type { Frame, RuleRow } from "./frame.ts";
import { type Order, sortRows, Tally } from "./tally.ts";

/** Part of an interval that may go into looking at events; those beyond are counted by the kernel all the same. */
const BUDGET = 0.5;
const MAX_ROWS = 200;

export class TopModel {
  readonly sink: RecordSink = {
    record: (memory, offset, length) => this.see(memory, offset, length),
  };
  private readonly engine: Engine;
  private readonly decoder: EventDecoder;
  private readonly intervalMs: number;
  private readonly processes = new Tally();
  private readonly paths = new Tally();
  private before: EngineCounters;
  private takenAt = performance.now();
  private spentMs = 0;
  private unseen = 0;

  constructor(engine: Engine, decoder: EventDecoder, intervalMs: number) {
    this.engine = engine;
    this.decoder = decoder;
    this.intervalMs = intervalMs;
    this.before = engine.counters();
  }

  /** Ends an interval. */
  take(order: Order, isPaused: boolean): Frame {
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.takenAt) / 1000);
    const counters = this.engine.counters();
    const rules = counters.rules.map((rule, i): RuleRow => {
      const rate = (rule.matched - (this.before.rules[i]?.matched ?? 0)) / seconds;
      const { matched: total, limited, dropped: lost } = rule;
      return { name: rule.rule, rate, total, limited, lost };
    });
    const frame: Frame = {
      ts: new Date().toISOString(),
      seconds,
      order,
      isPaused,
      unseen: this.unseen,
      rules: sortRows(rules, order).slice(0, MAX_ROWS),
      processes: this.processes.take(seconds, order, MAX_ROWS),
      paths: this.paths.take(seconds, order, MAX_ROWS),
    };
    this.before = counters;
    this.takenAt = now;
    this.spentMs = 0;
    return frame;
  }

  private see(memory: Uint8Array, offset: number, length: number): void {
    if (this.spentMs > this.intervalMs * BUDGET) {
      this.unseen += 1;
      return;
    }
    const start = performance.now();
    this.count(this.decoder.decode(memory, offset, length));
    this.spentMs += performance.now() - start;
  }

  private count({ pid, comm, path, params }: SctEvent): void {
    this.processes.add(`${pid} ${comm}`);
    if (path !== null) {
      this.paths.add(path);
      return;
    }
    for (const { type, value } of params) {
      if (type === "path" && typeof value === "string") this.paths.add(value);
    }
  }
}
