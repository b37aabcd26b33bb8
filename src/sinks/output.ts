/**
 * One output: takes events out of its backlog and gives them to a sink. A sink that is slow or away costs nobody else
 * anything: its events wait where they are kept for all. What is lost is counted, and reported in the same output once it
 * takes events again.
 */
import { setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Backlog, StoredSegment } from "./backlog.ts";
import type { OutputConfig } from "./config/outputs.ts";
import type { Feed } from "./feed.ts";
import { Intake } from "./intake.ts";
import type { LossCounts, LossNumbers } from "./loss-counts.ts";
import { BusyError, GoneError, RejectedError, type Sink } from "./sink.ts";
import type { Turns } from "./turns.ts";
import { Wait } from "./wait.ts";

export interface OutputCounters {
  readonly name: string;
  readonly type: OutputConfig["type"];
  /** Events handed over to the receiver. */
  readonly delivered: number;
  readonly lost: number;
  /** Events that wait, in memory or in the history. */
  readonly queued: number;
  /** Of their records. */
  readonly queuedBytes: number;
  /** Attempts that failed. */
  readonly failures: number;
  /** Why the last attempt failed; undefined when it did not. */
  readonly problem: string | undefined;
}

/** What an output has not handed over: of what is stored, and what it lost and has not reported. */
export interface Rest {
  readonly ranges: readonly StoredSegment[];
  readonly untold: LossNumbers;
}

/** An output began or ceased to fail. */
export type Notice = (output: string, problem: string | undefined) => void;

/** What all outputs have in common. */
export interface OutputShared {
  readonly feed: Feed;
  readonly turns: Turns;
  readonly notice: Notice;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 30_000;
const BUSY_RETRY_MS = 20;
/** What is stored cannot be read just now: it is tried again. */
const READ_RETRY_MS = 500;
/** How long a sink that was closed may take to let go of what it was sending. */
const SETTLE_MS = 100;

export class Output<T = unknown> {
  readonly config: OutputConfig;
  readonly #sink: Sink<T>;
  readonly #shared: OutputShared;
  readonly #intake: Intake<T>;
  readonly #wait = new Wait();
  #failures = 0;
  #problem: string | undefined;
  /** When the first of the attempts failed that have failed since the last success. */
  #failingSince: number | undefined;
  #failuresInRow = 0;
  #lastSuccess = Number.NEGATIVE_INFINITY;
  #wantsReopen = false;
  /** It takes nothing more out of its backlog. */
  #isEnding = false;
  #isClosed = false;
  #running: Promise<void> | undefined;
  /** The output of that name before the configuration changed: nothing is sent until it has ended. */
  #before: { readonly output: Output; readonly ended: Promise<void> } | undefined;

  constructor(config: OutputConfig, sink: Sink<T>, shared: OutputShared) {
    this.config = config;
    this.#sink = sink;
    this.#shared = shared;
    this.#intake = new Intake(config, sink, shared.feed, (error) => this.#fail(error));
  }

  get backlog(): Backlog {
    return this.#intake.backlog;
  }

  get isFailing(): boolean {
    return this.#problem !== undefined;
  }

  /** Whether it makes its way through what waits. */
  isProgressing(withinMs: number): boolean {
    return !this.isFailing && performance.now() - this.#lastSuccess < withinMs;
  }

  /** What is not handed over yet. */
  get rest(): Rest {
    const { total, rules } = this.#intake.untold;
    return { ranges: this.#intake.ranges, untold: { total, rules } };
  }

  /** Continues with what another process left; before the first event. */
  restore({ ranges, untold }: Rest): void {
    for (const range of ranges) this.backlog.addStored(range);
    this.#intake.untold.addAll(untold);
    this.wake();
  }

  /** Continues where `output` is: that ends, and what waits there is sent here, without a loss. */
  follow(output: Output, timeoutMs: number): void {
    const ended = output.end(timeoutMs, false).then(() => {
      this.#before = undefined;
      this.#failures += output.#failures;
      output.#intake.moveTo(this.#intake, wantTheSame(this.config, output.config));
      this.wake();
    });
    this.#before = { output, ended };
  }

  /** There may be something to do. */
  wake(): void {
    if (!this.#isClosed) this.#running ??= this.#pump();
  }

  reopen(): void {
    this.#wantsReopen = true;
    this.wake();
    this.#wait.end();
  }

  counters(): OutputCounters {
    const { name, type } = this.config;
    const { delivered, lost, backlog } = this.#intake;
    const before = this.#before?.output.counters();
    return {
      name,
      type,
      delivered: delivered + (before?.delivered ?? 0),
      lost: lost + (before?.lost ?? 0),
      queued: backlog.events + (before?.queued ?? 0),
      queuedBytes: Math.round(backlog.bytes + (before?.queuedBytes ?? 0)),
      failures: this.#failures + (before?.failures ?? 0),
      problem: this.#problem,
    };
  }

  /**
   * Ends within `timeoutMs` and a little: when all that waits is handed over, or after what it is sending just now. The
   * rest is in the backlog then.
   */
  async end(timeoutMs: number, handsOver: boolean): Promise<void> {
    this.#isEnding = !handsOver;
    this.backlog.close();
    this.#wait.end();
    if (handsOver) this.wake();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#running, deadline]);
    clearTimeout(timer);
    // it has less time left than this one
    await this.#before?.ended;
    this.#isClosed = true;
    this.#sink.close();
    this.#wait.end();
    const settled = new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref());
    await Promise.race([this.#running, settled]);
    this.#intake.end(this.#running !== undefined);
  }

  /** The same, for good: the rest is lost. What is reported to nobody. */
  async close(timeoutMs: number): Promise<LossCounts> {
    await this.end(timeoutMs, true);
    return this.clear(false);
  }

  /** Of an output that has ended: what is lost now, unless it is stored and that is kept, and what was not reported. */
  clear(keepsStored: boolean): LossCounts {
    const lost = this.backlog.clear(keepsStored);
    lost.addAll(this.#intake.untold);
    return lost;
  }

  /** Runs while there is something to do. */
  async #pump(): Promise<void> {
    // what else is delivered in this turn makes one batch with the first
    await turn();
    await this.#before?.ended;
    while (!this.#isClosed && !this.#isEnding) {
      if (this.#wantsReopen) await this.#reopenSink();
      else if (!this.#intake.hand.isEmpty || (await this.#fill())) await this.#sendSome();
      else break;
      // a sink that settles in the same turn, again and again, must not keep out everything else
      await turn();
    }
    // not a callback of the promise: an event that comes before it runs would not be seen
    this.#running = undefined;
  }

  /** Takes a batch; false: there is nothing to send. */
  async #fill(): Promise<boolean> {
    while (!this.#isClosed && !this.#isEnding) {
      const state = await this.#shared.turns.run(() =>
        this.#isClosed ? "empty" : this.#intake.fill(),
      );
      if (state === "more") continue;
      if (!this.#intake.hand.isEmpty) return true;
      if (state !== "later") return false;
      await this.#wait.start(READ_RETRY_MS);
    }
    return false;
  }

  async #sendSome(): Promise<void> {
    const { items } = this.#intake.hand;
    try {
      const count = await this.#sink.send(items.map(({ value }) => value));
      if (this.#isClosed && count === 0) return;
      this.#intake.deliver(count);
      this.#succeed();
    } catch (error) {
      if (this.#isClosed) return;
      if (error instanceof BusyError) return this.#wait.start(BUSY_RETRY_MS);
      this.#fail(error);
      // a receiver that refuses also the report of it is not asked without pause
      const isOnlyLosses = items.every(({ loss }) => loss !== undefined);
      const lost = this.#countLost(error, items.length);
      this.#intake.lose(lost);
      const isThere = lost > 0 && !(error instanceof GoneError);
      if (!isThere || isOnlyLosses) await this.#wait.start(this.#retryMs());
    }
  }

  /** How many of the first are given up after a failure. */
  #countLost(error: unknown, offered: number): number {
    if (error instanceof RejectedError || error instanceof GoneError) return error.count;
    return this.#isHopeless() ? offered : 0;
  }

  async #reopenSink(): Promise<void> {
    this.#wantsReopen = false;
    try {
      await this.#sink.reopen?.();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    this.#failures++;
    this.#failuresInRow++;
    this.#failingSince ??= performance.now();
    const isNew = this.#problem === undefined;
    this.#problem = problem;
    if (isNew) this.#shared.notice(this.config.name, problem);
  }

  #succeed(): void {
    this.#lastSuccess = performance.now();
    this.#failuresInRow = 0;
    this.#failingSince = undefined;
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#shared.notice(this.config.name, undefined);
  }

  #isHopeless(): boolean {
    const { giveUpAfterMs } = this.#sink;
    if (giveUpAfterMs === undefined || this.#failingSince === undefined) return false;
    if (performance.now() - this.#failingSince < giveUpAfterMs) return false;
    this.#failingSince = undefined;
    return true;
  }

  #retryMs(): number {
    const longest = Math.min(FIRST_RETRY_MS * 2 ** (this.#failuresInRow - 1), LAST_RETRY_MS);
    // many services that lost one receiver must not come back to it in step
    return longest * (0.5 + Math.random() / 2);
  }
}

/** Whether what one of them counted as wanted is what the other wants. */
function wantTheSame(a: OutputConfig, b: OutputConfig): boolean {
  const choice = (config: OutputConfig) => [config.rules, "format" in config && config.format];
  return isDeepStrictEqual(choice(a), choice(b));
}
