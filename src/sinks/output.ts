/**
 * One output: a bounded queue before a sink. Taking an event never waits; a sink that is slow or away costs its own
 * events only, and those are counted and told in the same output once it takes events again.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { OutputConfig } from "./config/outputs.ts";
import type { Loss, OutputEvent } from "./event.ts";
import { LossAccount } from "./loss-account.ts";
import { BoundedQueue } from "./queue.ts";
import { ruleFilter } from "./rule-filter.ts";
import { BusyError, type Encoded, GoneError, RejectedError, type Sink } from "./sink.ts";
import { Wait } from "./wait.ts";

export interface OutputCounters {
  readonly name: string;
  readonly type: OutputConfig["type"];
  /** Events handed over to the receiver. */
  readonly delivered: number;
  readonly lost: number;
  /** Events that wait. */
  readonly queued: number;
  readonly queuedBytes: number;
  /** Attempts that failed. */
  readonly failures: number;
  /** Why the last attempt failed; undefined when it did not. */
  readonly problem: string | undefined;
}

interface Item<T> extends Encoded<T> {
  readonly rule: string;
  /** When this is no event but tells a loss. */
  readonly loss?: Loss;
}

/** An output began or ceased to fail. */
export type Notice = (output: string, problem: string | undefined) => void;

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 30_000;
const BUSY_RETRY_MS = 20;

export class Output<T = unknown> {
  readonly config: OutputConfig;
  private readonly sink: Sink<T>;
  private readonly notice: Notice;
  private readonly accepts: (rule: string) => boolean;
  private readonly writesLines: boolean;
  private readonly queue: BoundedQueue<Item<T>>;
  private readonly losses = new LossAccount();
  private readonly wait = new Wait();
  private delivered = 0;
  private failures = 0;
  private problem: string | undefined;
  /** When the first of the attempts failed that have failed since the last success. */
  private failingSince: number | undefined;
  private failuresInRow = 0;
  /** After the queue was full nothing is taken until it is half empty: few long gaps, not many short ones. */
  private isDropping = false;
  private wantsReopen = false;
  private isClosed = false;
  private running: Promise<void> | undefined;
  /** The output of that name before the configuration changed: nothing is sent until it has ended. */
  private before: { readonly output: Output; readonly ended: Promise<void> } | undefined;

  constructor(config: OutputConfig, sink: Sink<T>, notice: Notice) {
    this.config = config;
    this.sink = sink;
    this.notice = notice;
    this.accepts = ruleFilter(config.rules);
    this.writesLines = "format" in config && config.format === "text";
    this.queue = new BoundedQueue(config.queue);
  }

  /** Goes on where `output`, which is closed, ends: with its counts, and with what it lost and could not tell. */
  follow(output: Output, closed: Promise<Loss | undefined>): void {
    const ended = closed.then((untold) => {
      const { delivered, lost } = output.counters();
      this.before = undefined;
      this.delivered += delivered;
      this.losses.total += lost;
      if (untold === undefined || this.isClosed) return;
      this.losses.restore(untold);
      this.wake();
    });
    this.before = { output, ended };
  }

  deliver(event: OutputEvent): void {
    if (this.isClosed) return;
    const { name: rule, hasLine } = event.rule;
    if (!this.accepts(rule)) return;
    // what has no form here cannot be lost here
    if (this.writesLines && !hasLine) return;
    if (this.isDropping && this.queue.isLow) this.resume();
    if (this.isDropping) {
      this.losses.add(rule);
      return;
    }
    const encoded = this.encode(event, rule);
    if (encoded === undefined) return;
    if (this.queue.add({ ...encoded, rule })) this.wake();
    else {
      this.isDropping = true;
      this.losses.add(rule);
    }
  }

  /** Tells a loss that happened before the outputs. */
  deliverLoss(loss: Loss): void {
    if (this.isClosed) return;
    // without room it is told with what this output lost itself
    if (this.queue.add({ ...this.sink.encodeLoss(loss), rule: "", loss })) this.wake();
    else this.losses.restore(loss);
  }

  reopen(): void {
    this.wantsReopen = true;
    this.wake();
    this.wait.end();
  }

  counters(): OutputCounters {
    const { name, type } = this.config;
    const { failures, problem } = this;
    const { count: queued, bytes: queuedBytes } = this.queue;
    const before = this.before?.output.counters();
    const delivered = this.delivered + (before?.delivered ?? 0);
    const lost = this.losses.total + (before?.lost ?? 0);
    return { name, type, delivered, lost, queued, queuedBytes, failures, problem };
  }

  /**
   * Waits for what is queued to be handed over, not longer than `timeoutMs`; the rest is lost and counted. Returns what
   * is lost and could not be told here any more.
   */
  async close(timeoutMs: number): Promise<Loss | undefined> {
    this.wait.end();
    this.wake();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.running, deadline]);
    clearTimeout(timer);
    this.isClosed = true;
    this.sink.close();
    this.wait.end();
    await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, 100).unref())]);
    this.lose(this.queue.count);
    return this.losses.isUntold ? this.losses.take() : undefined;
  }

  private encode(event: OutputEvent, rule: string): Encoded<T> | undefined {
    try {
      return this.sink.encode(event);
    } catch (error) {
      // one event that cannot be written must not take the service down
      this.losses.add(rule);
      this.fail(error);
      return undefined;
    }
  }

  private wake(): void {
    this.running ??= this.pump();
  }

  /** Runs while there is something to do. */
  private async pump(): Promise<void> {
    // what else is delivered in this turn makes one batch with the first
    await turn();
    await this.before?.ended;
    while (!this.isClosed) {
      if (this.wantsReopen) await this.reopenSink();
      else if (this.queue.count > 0) await this.sendSome();
      else if (this.losses.isUntold) this.resume();
      else break;
      // a sink that settles in the same turn, again and again, must not keep out everything else
      await turn();
    }
    // not a callback of the promise: an event that comes before it runs would not be seen
    this.running = undefined;
  }

  private async sendSome(): Promise<void> {
    const items = this.queue.peek(this.sink.batch);
    try {
      const count = await this.sink.send(items.map(({ value }) => value));
      if (this.isClosed && count === 0) return;
      for (const { loss } of items.slice(0, count)) if (loss === undefined) this.delivered++;
      this.queue.remove(count);
      this.succeed();
    } catch (error) {
      if (this.isClosed) return;
      if (error instanceof BusyError) return this.wait.start(BUSY_RETRY_MS);
      this.fail(error);
      const lost = this.countLost(error, items.length);
      this.lose(lost);
      // a receiver that refuses also to be told of it is not asked without pause
      const isOnlyTelling = items.every(({ loss }) => loss !== undefined);
      const isThere = lost > 0 && !(error instanceof GoneError);
      if (!isThere || isOnlyTelling) await this.wait.start(this.retryMs());
    }
  }

  /** How many of the first are given up after a failure. */
  private countLost(error: unknown, offered: number): number {
    if (error instanceof RejectedError || error instanceof GoneError) return error.count;
    return this.isHopeless() ? offered : 0;
  }

  private async reopenSink(): Promise<void> {
    this.wantsReopen = false;
    try {
      await this.sink.reopen?.();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends a gap: what is missing is told first, then events follow. */
  private resume(): void {
    this.isDropping = false;
    if (!this.losses.isUntold) return;
    const loss = this.losses.take();
    if (!this.queue.add({ ...this.sink.encodeLoss(loss), rule: "", loss }))
      this.losses.restore(loss);
  }

  private lose(count: number): void {
    for (const { rule, loss } of this.queue.peek({ count, bytes: Number.POSITIVE_INFINITY })) {
      if (loss === undefined) this.losses.add(rule);
      else this.losses.restore(loss);
    }
    this.queue.remove(count);
  }

  private fail(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    this.failures++;
    this.failuresInRow++;
    this.failingSince ??= performance.now();
    const isNew = this.problem === undefined;
    this.problem = problem;
    if (isNew) this.notice(this.config.name, problem);
  }

  private succeed(): void {
    this.failuresInRow = 0;
    this.failingSince = undefined;
    if (this.problem === undefined) return;
    this.problem = undefined;
    this.notice(this.config.name, undefined);
  }

  private isHopeless(): boolean {
    const { giveUpAfterMs } = this.sink;
    if (giveUpAfterMs === undefined || this.failingSince === undefined) return false;
    if (performance.now() - this.failingSince < giveUpAfterMs) return false;
    this.failingSince = undefined;
    return true;
  }

  private retryMs(): number {
    const longest = Math.min(FIRST_RETRY_MS * 2 ** (this.failuresInRow - 1), LAST_RETRY_MS);
    // many services that lost one receiver must not come back to it in step
    return longest * (0.5 + Math.random() / 2);
  }
}
