/**
 * What waits for one output, in order: runs that are in memory and shared with others, ranges that are stored, and
 * losses, which are reported in their place. It holds no copies: however far an output is behind, little memory is its own.
 */
import type { Loss, OutputRule } from "./event.ts";
import type { Feed, FeedReader } from "./feed.ts";
import { LossCounts } from "./loss-counts.ts";
import { type Choice, type EventRun, isBefore, type Storage, type StoredPosition } from "./run.ts";

export interface RunSegment {
  readonly kind: "run";
  readonly run: EventRun;
  from: number;
  readonly to: number;
}

export interface LossSegment {
  readonly kind: "loss";
  readonly tally: LossCounts;
  readonly where: Loss["where"];
}

export interface StoredSegment {
  readonly kind: "stored";
  from: StoredPosition;
  to: StoredPosition;
  /** Of those that the output wants. */
  events: number;
  bytes: number;
  /** `events` is the number of those that are there: not so after a kill, or when the output wants others than before. */
  isExact: boolean;
}

type Segment = RunSegment | LossSegment | StoredSegment;

/** How much may wait; what comes when it is full is lost, until half of it has gone: few long gaps, not many short ones. */
export interface Limits {
  readonly bytes: number;
  readonly count: number;
}

/** Beyond this many segments, losses between stored ranges are reported behind them. */
const MANY_SEGMENTS = 200;

export class Backlog implements FeedReader {
  /** Events that wait, or are on their way. */
  events = 0;
  bytes = 0;
  /** Events that were given up here since the start. */
  lost = 0;
  /** Whether the output wants events of the rule; undefined: nobody knows it. */
  readonly accepts: Choice;
  readonly #feed: Feed;
  readonly #limits: Limits;
  #segments: Segment[] = [];
  #isDropping = false;
  #isClosed = false;

  constructor(feed: Feed, accepts: (rule: OutputRule) => boolean, limits: Limits) {
    this.#feed = feed;
    this.accepts = (rule): rule is OutputRule => rule !== undefined && accepts(rule);
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Nothing more comes in. */
  close(): void {
    this.#isClosed = true;
  }

  /** Adds what the output wants of the run. */
  push(run: EventRun): void {
    if (this.#isClosed) return;
    const { events, bytes } = this.#wanted(run, 0, run.count);
    if (events === 0) return;
    if (!this.#isDropping && this.#hasRoom(events, bytes)) {
      this.#count(events, bytes);
      this.#hold({ kind: "run", run, from: 0, to: run.count });
    } else this.#pushSome(run);
  }

  pushLoss(loss: Loss): void {
    if (!this.#isClosed) this.#addLoss(this.#segments.length, LossCounts.of(loss), loss.where);
  }

  /** What comes next; the output moves `from` of a run on. `later`: it cannot be read at present. */
  head(): RunSegment | LossSegment | "later" | undefined {
    for (;;) {
      const first = this.#segments[0];
      if (first?.kind !== "stored") return first;
      const run = this.#feed.load(first);
      if (run === "later") return run;
      if (run === "none") this.#end(0, first);
      else this.#insert(first, run);
    }
  }

  /** The head is done with. */
  shift(): void {
    const segment = this.#segments.shift();
    if (segment?.kind === "run") this.#feed.release(segment.run);
  }

  /** Of those that were taken from runs: handed over, or lost by the output itself. */
  done(events: number, bytes: number): void {
    this.#count(-events, -bytes);
  }

  /** Rules of the events [from, to) of a run that the output wants. */
  tally(run: EventRun, from: number, to: number): LossCounts {
    const tally = new LossCounts();
    this.#wanted(run, from, to, tally);
    return tally;
  }

  /** Puts in front what was taken and is to be taken again. */
  giveBack(segments: readonly (RunSegment | LossSegment)[]): void {
    for (const segment of segments) if (segment.kind === "run") this.#feed.hold(segment.run);
    this.#segments.unshift(...segments);
  }

  /** All that waits here waits there, in front of what does. */
  moveTo(other: Backlog, wantsTheSame: boolean): void {
    const mine = this.#segments;
    this.#segments = [];
    this.#count(-this.events, -this.bytes);
    other.lost += this.lost;
    other.#segments.unshift(...mine);
    for (const segment of mine) {
      if (segment.kind === "stored") {
        segment.isExact &&= wantsTheSame;
        other.#count(segment.events, segment.bytes);
      } else if (segment.kind === "run") {
        const { events, bytes } = other.#wanted(segment.run, segment.from, segment.to);
        other.#count(events, bytes);
      }
    }
  }

  /** Adds what is stored and was not handed over by a service before. */
  addStored(segment: Omit<StoredSegment, "kind">): void {
    this.#segments.push({ kind: "stored", ...segment });
    this.#count(segment.events, segment.bytes);
  }

  /** The memory of the run is needed: from now on it is read from where it is stored, or lost. */
  spill(run: EventRun): void {
    for (let i = 0; i < this.#segments.length; i++) {
      const segment = this.#segments[i];
      if (segment?.kind !== "run" || segment.run !== run) continue;
      const { from, to } = segment;
      this.#segments[i] = this.#stored(run, from, to) ?? this.#lost(segment);
      this.#feed.release(run);
      i = this.#merge(i);
    }
  }

  /** The entry is going to be deleted, and with it all before. */
  forget(entry: number, storage: Pick<Storage, "load">): void {
    const end: StoredPosition = { entry: entry + 1, first: 0 };
    for (;;) {
      const segment = this.#segments.find((one) => one.kind === "stored");
      if (segment?.kind !== "stored" || !isBefore(segment.from, end)) return;
      const to = isBefore(segment.to, end) ? segment.to : end;
      const tally = new LossCounts();
      for (let from = segment.from; isBefore(from, to); ) {
        const run = storage.load({ from, to });
        if (typeof run === "string") break;
        const taken = this.#wanted(run, 0, run.count, tally);
        this.#take(segment, taken);
        this.#count(-taken.events, -taken.bytes);
        from = behind(run);
        run.dispose();
      }
      segment.from = to;
      this.lost += tally.total;
      if (!tally.isEmpty) this.#addLoss(this.#segments.indexOf(segment), tally, "output");
      if (!isBefore(segment.from, segment.to)) this.#end(this.#segments.indexOf(segment), segment);
    }
  }

  /** All that is stored is gone. */
  forgetAll(): void {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i];
      if (segment?.kind === "stored") this.#end(i, segment);
    }
  }

  /** What waits, as ranges of what is stored; `taken` is in front of it. What is only in memory is not among them. */
  rangesWith(taken: readonly Segment[]): readonly StoredSegment[] {
    const ranges: StoredSegment[] = [];
    for (const segment of [...taken, ...this.#segments]) {
      if (segment.kind === "stored") ranges.push({ ...segment });
      else if (segment.kind === "run") {
        const range = this.#stored(segment.run, segment.from, segment.to);
        if (range !== undefined) ranges.push(range);
      }
    }
    return ranges;
  }

  /** Gives up what is only in memory, and everything else with it unless `keepsStored`; what is lost, and was to be reported. */
  clear(keepsStored: boolean): LossCounts {
    const lost = new LossCounts();
    for (const segment of this.#segments) {
      if (segment.kind === "stored") {
        if (!keepsStored) lost.add(undefined, segment.events);
      } else if (segment.kind === "run") {
        const { run, from, to } = segment;
        if (!keepsStored || run.position === undefined) this.#wanted(run, from, to, lost);
        this.#feed.release(run);
      }
    }
    this.lost += lost.total;
    for (const segment of this.#segments) if (segment.kind === "loss") lost.addAll(segment.tally);
    this.#segments = [];
    this.#count(-this.events, -this.bytes);
    return lost;
  }

  #hasRoom(events: number, bytes: number): boolean {
    const { count: mostEvents, bytes: mostBytes } = this.#limits;
    return this.events + events <= mostEvents && this.bytes + bytes <= mostBytes;
  }

  /** Half empty at least: time to take more again. */
  get #isLow(): boolean {
    const { bytes, count } = this.#limits;
    return this.bytes <= bytes / 2 && this.events <= count / 2;
  }

  /** One event after the other, as far as there is room. */
  #pushSome(run: EventRun): void {
    const bytes = run.bytes / run.count;
    let start = -1;
    const end = (to: number): void => {
      if (start >= 0) this.#hold({ kind: "run", run, from: start, to });
      start = -1;
    };
    for (let i = 0; i < run.count; i++) {
      const rule = run.rule(i);
      if (!this.accepts(rule)) continue;
      if (this.#isDropping && this.#isLow) this.#isDropping = false;
      // an empty queue takes anything
      if (!this.#isDropping && (this.events === 0 || this.#hasRoom(1, bytes))) {
        if (start < 0) start = i;
        this.#count(1, bytes);
        continue;
      }
      this.#isDropping = true;
      end(i);
      this.lost++;
      const tally = new LossCounts();
      tally.add(rule.name);
      this.#addLoss(this.#segments.length, tally, "output");
    }
    end(run.count);
  }

  #hold(segment: RunSegment): void {
    this.#segments.push(segment);
    this.#feed.hold(segment.run);
  }

  #count(events: number, bytes: number): void {
    this.events += events;
    // parts of a run are counted by its mean
    this.bytes = this.events === 0 ? 0 : this.bytes + bytes;
  }

  /** Of the events [from, to) of a run: how many the output wants, about how many bytes they have, and of which rules. */
  #wanted(
    run: EventRun,
    from: number,
    to: number,
    tally?: LossCounts,
  ): { events: number; bytes: number } {
    let events = 0;
    if (from === 0 && to === run.count) {
      for (const [rule, count] of run.rules) {
        if (!this.accepts(rule)) continue;
        events += count;
        tally?.add(rule.name, count);
      }
    } else {
      for (let i = from; i < to; i++) {
        const rule = run.rule(i);
        if (!this.accepts(rule)) continue;
        events++;
        tally?.add(rule.name);
      }
    }
    return { events, bytes: (events * run.bytes) / run.count };
  }

  /** Puts the run in front of the stored range that it begins. */
  #insert(segment: StoredSegment, run: EventRun): void {
    this.#take(segment, this.#wanted(run, 0, run.count));
    segment.from = behind(run);
    if (!isBefore(segment.from, segment.to)) this.#end(0, segment);
    this.#segments.unshift({ kind: "run", run, from: 0, to: run.count });
    this.#feed.hold(run);
  }

  /** They are not among those that the range still has. */
  #take(segment: StoredSegment, { events, bytes }: { events: number; bytes: number }): void {
    // more than was known of
    this.#count(Math.max(0, events - segment.events), Math.max(0, bytes - segment.bytes));
    segment.events = Math.max(0, segment.events - events);
    segment.bytes = Math.max(0, segment.bytes - bytes);
  }

  /** There is nothing more of a stored range: what should be was damaged, or deleted by others. */
  #end(index: number, segment: StoredSegment): void {
    this.#segments.splice(index, 1);
    const { events, bytes } = segment;
    this.#count(-events, -bytes);
    if (events <= 0 || !segment.isExact) return;
    this.lost += events;
    const tally = new LossCounts();
    tally.add(undefined, events);
    this.#addLoss(index, tally, "output");
  }

  #stored(run: EventRun, from: number, to: number): StoredSegment | undefined {
    if (run.position === undefined) return undefined;
    const { entry, first } = run.position;
    return {
      kind: "stored",
      from: { entry, first: first + from },
      to: { entry, first: first + to },
      ...this.#wanted(run, from, to),
      isExact: true,
    };
  }

  #lost({ run, from, to }: RunSegment): LossSegment {
    const tally = new LossCounts();
    const { events, bytes } = this.#wanted(run, from, to, tally);
    this.#count(-events, -bytes);
    this.lost += events;
    return { kind: "loss", tally, where: "output" };
  }

  #addLoss(index: number, tally: LossCounts, where: Loss["where"]): void {
    const before = this.#segments[index - 1];
    if (before?.kind === "loss" && before.where === where) before.tally.addAll(tally);
    else this.#segments.splice(index, 0, { kind: "loss", tally, where });
  }

  /** Joins the segment with its neighbours where they make one; returns where it is then. */
  #merge(index: number): number {
    let at = index;
    const isMany = this.#segments.length > MANY_SEGMENTS;
    const [far, near] = [this.#segments[at - 2], this.#segments[at - 1]];
    const current = this.#segments[at];
    if (isMany && far?.kind === "stored" && near?.kind === "loss" && current?.kind === "stored") {
      this.#segments[at - 1] = current;
      this.#segments[at] = near;
      at--;
    }
    for (const left of [at, at - 1]) {
      const [a, b] = [this.#segments[left], this.#segments[left + 1]];
      if (a === undefined || b === undefined || !join(a, b)) continue;
      this.#segments.splice(left + 1, 1);
      if (left < at) at--;
    }
    return at;
  }
}

/** Makes `a` both of them where they are of one kind. */
function join(a: Segment, b: Segment): boolean {
  if (a.kind === "stored" && b.kind === "stored") {
    a.to = b.to;
    a.events += b.events;
    a.bytes += b.bytes;
    a.isExact &&= b.isExact;
    return true;
  }
  if (a.kind !== "loss" || b.kind !== "loss" || a.where !== b.where) return false;
  a.tally.addAll(b.tally);
  return true;
}

function behind({ position, count }: EventRun): StoredPosition {
  const { entry, first } = position ?? { entry: Number.POSITIVE_INFINITY, first: 0 };
  return { entry, first: first + count };
}
