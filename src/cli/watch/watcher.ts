/** Moves events from an engine to standard output until it is stopped. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { timestampText } from "../../base/timestamp.ts";
import { bootOffsetNs, eventNames } from "../../engines/context/index.ts";
import type { EngineCounters, RecordSink } from "../../engines/engine.ts";
import type { KernelEngine } from "../../engines/kernel/index.ts";
import {
  formatLoss,
  JsonFormatter,
  LossTracker,
  TextFormatter,
  WallClock,
} from "../../events/index.ts";
import { writeCounts } from "../count-lines.ts";
import type { OutputBuffer } from "../output-buffer.ts";
import { widthOf } from "../terminal.ts";
import { type Losses, lossesOf, lossesSince } from "./losses.ts";

export interface WatcherOptions {
  readonly isJson: boolean;
  readonly durationMs: number | undefined;
}

/** How long a stop may go unnoticed when nothing happens. */
const POLL_MS = 200;
/** How often losses are reported and the wall clock is compared. */
const HOUSEKEEPING_MS = 1000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export class Watcher {
  /** Of the engine at its end; what is still in its buffer then is delivered. */
  finalCounters: EngineCounters;
  readonly #engine: KernelEngine;
  readonly #output: OutputBuffer;
  readonly #clock = new WallClock(bootOffsetNs());
  readonly #formatter: TextFormatter | JsonFormatter;
  readonly #sequence = new LossTracker();
  readonly #isJson: boolean;
  readonly #deadline: number;
  #isStopping = false;
  #isOpen = true;
  #reported: Losses;
  readonly #sink: RecordSink = {
    record: (memory, offset, length) => {
      this.#formatter.format(memory, offset, length, this.#output.text);
      this.#sequence.add(this.#formatter.seq);
    },
  };
  readonly #onSignal = (): void => {
    // a second signal means that somebody waits for us in vain: for a reader that does not read
    if (this.#isStopping) this.#output.abandon();
    this.#isStopping = true;
  };

  constructor(engine: KernelEngine, output: OutputBuffer, options: WatcherOptions) {
    const context = { clock: this.#clock, names: eventNames(), generation: 1 };
    const { sites } = engine;
    this.#engine = engine;
    this.#output = output;
    this.#isJson = options.isJson;
    this.#formatter = options.isJson
      ? new JsonFormatter(sites, context)
      : new TextFormatter(sites, context);
    this.#deadline = performance.now() + (options.durationMs ?? Number.POSITIVE_INFINITY);
    this.finalCounters = engine.counters();
    this.#reported = lossesOf(this.finalCounters);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  async run(): Promise<void> {
    const engine = this.#engine;
    const output = this.#output;
    let housekeeping = performance.now() + HOUSEKEEPING_MS;
    while (!this.#isStopping && output.error === undefined) {
      const now = performance.now();
      if (now >= this.#deadline) break;
      if (now >= housekeeping) {
        this.#keepHouse();
        housekeeping = now + HOUSEKEEPING_MS;
      }
      const count = output.isFull
        ? 0
        : await engine.events(this.#sink, Math.min(POLL_MS, this.#deadline - now));
      output.flush();
      if (output.isFull) await output.drain();
      // a busy engine never waits, and signals come only between turns of the event loop
      if (count > 0) await nextTurn();
    }
    await this.#finish();
  }

  /** What was seen until now is written piece by piece: behind a slow reader there can be more than memory holds twice. */
  async #finish(): Promise<void> {
    const engine = this.#engine;
    const output = this.#output;
    engine.detach();
    while (output.error === undefined && !output.isGivenUp) {
      if ((await engine.events(this.#sink, 0)) === 0) return;
      output.flush();
      if (output.isFull) await output.drain();
    }
  }

  /** Detaches from the kernel, takes over what is in the buffer, and lets go of the signals' default. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#isStopping = true;
    const { error, isGivenUp } = this.#output;
    this.#engine.close(error === undefined && !isGivenUp ? this.#sink : undefined);
    this.finalCounters = this.#engine.counters();
    this.#reportLosses();
    const width = widthOf(process.stdout);
    writeCounts(this.#engine.counts(), this.#isJson, this.#output.text, width);
  }

  /** Events that the sequence lacks beyond those that the counters own up to; anything but 0 is a bug. */
  get unexplainedLosses(): number {
    const { rules, readerDropped } = this.finalCounters;
    const known = rules.reduce((sum, { dropped }) => sum + dropped, readerDropped);
    return Math.max(0, this.#sequence.finish() - known);
  }

  #keepHouse(): void {
    this.#clock.adjust(bootOffsetNs());
    this.finalCounters = this.#engine.counters();
    this.#reportLosses();
  }

  /** In JSON a loss is an event of its own; in text the summary at the end reports it. */
  #reportLosses(): void {
    const losses = lossesOf(this.finalCounters);
    const report = lossesSince(this.#reported, losses);
    this.#reported = losses;
    if (report === undefined || !this.#isJson) return;
    const ts = timestampText();
    this.#output.text.string(`${formatLoss(report, ts)}\n`);
  }
}
