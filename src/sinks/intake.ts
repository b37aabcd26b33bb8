/** The way of events from the backlog of an output into the output's hand, encoded for its sink; and what became of them. */
import { Backlog, type RunSegment, type StoredSegment } from "./backlog.ts";
import type { OutputConfig } from "./config/outputs.ts";
import type { Loss, OutputRule } from "./event.ts";
import type { Feed } from "./feed.ts";
import { Hand, segmentsOf } from "./hand.ts";
import { LossCounts } from "./loss-counts.ts";
import { ruleFilter } from "./rule-filter.ts";
import type { EventRun } from "./run.ts";
import type { Encoded, Sink } from "./sink.ts";
import { SLICE_MS } from "./turns.ts";

/** Events between two looks at the clock. */
const LOOK_EVERY = 16;

/** An output that is never done with what waits reports what it lost in between. */
const TELL_AFTER_MS = 10_000;

/** `more`: there is more to take when it is its turn again; `later`: what is stored cannot be read at present. */
export type Filled = "more" | "full" | "later" | "empty";

export class Intake<T> {
  readonly backlog: Backlog;
  readonly hand = new Hand<T>();
  delivered = 0;
  /** Lost on the way to the receiver, and to be reported. */
  readonly untold = new LossCounts();
  readonly #sink: Sink<T>;
  readonly #feed: Feed;
  readonly #onError: (error: unknown) => void;
  /** Runs whose events are in the hand, with their number. */
  readonly #pinned = new Map<EventRun, number>();
  #lost = 0;

  /** `onError` is given why an event could not be encoded. */
  constructor(config: OutputConfig, sink: Sink<T>, feed: Feed, onError: (error: unknown) => void) {
    this.#sink = sink;
    this.#feed = feed;
    this.#onError = onError;
    this.backlog = new Backlog(feed, choiceOf(config), config.queue);
    feed.join(this.backlog);
  }

  get lost(): number {
    return this.#lost + this.backlog.lost;
  }

  /** Takes events for its share of time. */
  fill(): Filled {
    const { hand } = this;
    const before = hand.size;
    try {
      if (hand.isEmpty) this.#takeLosses();
      const deadline = performance.now() + SLICE_MS;
      for (;;) {
        const head = this.backlog.head();
        if (head === undefined) return "empty";
        if (head === "later") return head;
        if (head.kind === "loss") {
          // a gap is reported behind what is before it, together with what is lost of that
          if (head.where === "output") return "full";
          this.#addLoss(head.tally.toLoss(head.where));
        } else {
          const state = this.#take(head, deadline);
          if (state !== undefined) return state;
        }
        this.backlog.shift();
      }
    } finally {
      this.#feed.handle(hand.size - before);
      this.#feed.balance();
    }
  }

  /** The first `count` were handed over. */
  deliver(count: number): void {
    for (const item of this.hand.items.slice(0, count))
      if (item.run !== undefined) this.delivered += item.count;
    this.#putDown(count);
  }

  /** The first `count` are given up. */
  lose(count: number): void {
    for (const item of this.hand.items.slice(0, count)) {
      if (item.run === undefined) this.untold.addAll(item.loss);
      else this.#lose(this.backlog.tally(item.run, item.from, item.to));
    }
    this.#putDown(count);
  }

  /** Nothing comes any more; what is in the hand waits again. `isSending`: the system may still read what was to be sent. */
  end(isSending: boolean): void {
    const { hand, backlog } = this;
    this.#feed.leave(backlog);
    this.#feed.handle(-hand.size);
    const items = hand.take(hand.items.length);
    backlog.giveBack(segmentsOf(items));
    if (!isSending) for (const { run } of items) if (run !== undefined) this.#unpin(run);
  }

  /** What waits, in the hand too, of what is stored. */
  get ranges(): readonly StoredSegment[] {
    return this.backlog.rangesWith(segmentsOf(this.hand.items));
  }

  /** Of an output that has ended: all that waits goes to the one that takes its place, with the counts. */
  moveTo(other: Intake<unknown>, wantsTheSame: boolean): void {
    other.delivered += this.delivered;
    other.#lost += this.#lost;
    other.untold.addAll(this.untold);
    this.backlog.moveTo(other.backlog, wantsTheSame);
  }

  /** A gap is reported in its place, and what was lost since with it; else that is reported when nothing else is to be sent. */
  #takeLosses(): void {
    const head = this.backlog.head();
    const isGap = typeof head === "object" && head.kind === "loss" && head.where === "output";
    if (isGap) {
      this.untold.addAll(head.tally);
      this.backlog.shift();
    }
    const isDue = isGap || head === undefined || this.untold.ageMs > TELL_AFTER_MS;
    if (isDue && !this.untold.isEmpty) this.#addLoss(this.untold.take());
  }

  /** Undefined: the segment is at its end. */
  #take(segment: RunSegment, deadline: number): Filled | undefined {
    const { run, to } = segment;
    for (let n = 0; segment.from < to; n++) {
      if (this.#isFull) return "full";
      if (n % LOOK_EVERY === LOOK_EVERY - 1 && performance.now() > deadline) return "more";
      if (!this.#takeLines(segment)) this.#takeOne(run, segment.from++);
    }
    return undefined;
  }

  /** False: the sink takes no lines, or the next has none. */
  #takeLines(segment: RunSegment): boolean {
    const { lines } = this.#sink;
    if (lines === undefined) return false;
    const { run, from, to } = segment;
    const { bytes, count, end } = run.lines(
      from,
      to,
      lines.format,
      this.backlog.accepts,
      lines.bytes,
    );
    if (end === from) return false;
    segment.from = end;
    if (bytes !== undefined) {
      // a sink that takes lines sends bytes
      this.hand.add({
        value: bytes as T,
        size: bytes.length,
        run,
        from,
        to: end,
        count,
        loss: undefined,
      });
      this.#pin(run);
    } else this.backlog.done(count, (count * run.bytes) / run.count);
    return true;
  }

  #takeOne(run: EventRun, index: number): void {
    const rule = run.rule(index);
    if (!this.backlog.accepts(rule)) return;
    const encoded = this.#encode(run, index);
    if (encoded === undefined) {
      this.backlog.done(1, run.bytes / run.count);
      return;
    }
    const { value, size } = encoded;
    this.hand.add({ value, size, run, from: index, to: index + 1, count: 1, loss: undefined });
    this.#pin(run);
  }

  get #isFull(): boolean {
    const { count, bytes } = this.#sink.batch;
    const { items, size } = this.hand;
    return (
      items.length >= count || (items.length > 0 && size >= Math.min(bytes, this.#feed.handBytes))
    );
  }

  #encode(run: EventRun, index: number): Encoded<T> | undefined {
    try {
      return this.#sink.encode(run.event(index));
    } catch (error) {
      // one event that cannot be written must not take the service down
      this.#lose(this.backlog.tally(run, index, index + 1));
      this.#onError(error);
      return undefined;
    }
  }

  #addLoss(loss: Loss): void {
    const { value, size } = this.#sink.encodeLoss(loss);
    this.hand.add({ value, size, loss, run: undefined });
  }

  #pin(run: EventRun): void {
    const count = this.#pinned.get(run) ?? 0;
    this.#pinned.set(run, count + 1);
    if (count === 0) this.#feed.pin(run);
  }

  #unpin(run: EventRun): void {
    const count = this.#pinned.get(run) ?? 0;
    if (count > 1) {
      this.#pinned.set(run, count - 1);
      return;
    }
    this.#pinned.delete(run);
    this.#feed.unpin(run);
  }

  #lose(tally: LossCounts): void {
    this.#lost += tally.total;
    this.untold.addAll(tally);
  }

  #putDown(count: number): void {
    const { size } = this.hand;
    const items = this.hand.take(count);
    this.#feed.handle(this.hand.size - size);
    for (const item of items) {
      if (item.run === undefined) continue;
      const { run, count: events } = item;
      this.backlog.done(events, (events * run.bytes) / run.count);
      this.#unpin(run);
    }
    // what was pinned may have kept more in memory than there should be
    this.#feed.balance();
  }
}

/** Which events an output wants. */
function choiceOf(config: OutputConfig): (rule: OutputRule) => boolean {
  const accepts = ruleFilter(config.rules);
  const writesLines = "format" in config && config.format === "text";
  // what has no form here cannot be lost here
  return ({ name, hasLine }) => (hasLine || !writesLines) && accepts(name);
}
