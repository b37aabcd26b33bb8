/**
 * Moves events from the ring to the history and the outputs. Exactly once into the history: bytes are copied but
 * stay in the ring until they and the position behind them are stored in one transaction. Outputs come after that; those
 * that are behind read the history, and the next service continues where this one ended.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { bootOffsetNs } from "../../engines/context/index.ts";
import type { RuleCounters } from "../../engines/engine.ts";
import type { Generation } from "../../engines/kernel/index.ts";
import type { History, Report } from "../../store/index.ts";
import type { ServiceEngine } from "../engine.ts";
import type { OutputFeed } from "../outputs/output-feed.ts";
import type { Subscriptions } from "../subscriptions/subscriptions.ts";
import { type RingLoss, RingLosses } from "./ring-losses.ts";
import { shareAt, thin } from "./throttle.ts";
import type { ThrottleCounts } from "./throttle-counts.ts";

/** Where events go; a history that cannot store counts what it does not. */
export type EventStore = Pick<
  History,
  "setGenerations" | "append" | "placed" | "position" | "reportedLosses" | "maintain"
>;

export type EventOutputs = Pick<OutputFeed, "deliver" | "wantsPause" | "save">;

export type EventSubscriptions = Pick<Subscriptions, "deliver">;

export interface PumpOptions {
  readonly engine: ServiceEngine;
  readonly store: EventStore;
  readonly outputs: EventOutputs;
  readonly subscriptions: EventSubscriptions;
  readonly throttled: ThrottleCounts;
  /** Most that is stored at a time; a history keeps to its size for an eighth of it. 128 KiB at least. */
  readonly batchBytes?: number;
}

/** Thousands of events; more at a time would cost memory and save nothing. */
const BATCH_BYTES = 1 << 20;
/** How long events may wait for others, so that one transaction stores many. */
const GATHER_MS = 20;
const POLL_MS = 250;
/** How long events stay in the ring before outputs are asked again that have no room for them. */
const PAUSE_MS = 5;
const HOUSEKEEPING_MS = 1000;
/** A clock that is kept right moves less than this in a second. */
const CLOCK_JUMP_NS = 100_000_000n;

export class Pump {
  /** Events taken out of the ring by this service. */
  events = 0;
  /** Of them those of no rule set that is known. */
  unknown = 0;
  readonly #options: PumpOptions;
  readonly #batch: Uint8Array;
  readonly #losses: RingLosses;
  readonly #ruleNames = new Map<number, string>();
  /** Last rule set that the store knows. */
  #known: Generation | undefined;
  #offsetNs = bootOffsetNs();
  /** What lies before it came while nobody read: a full ring says nothing of how fast events come now. */
  #backlogEnd: number;
  #isStopping = false;
  #done: Promise<void> | undefined;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#batch = new Uint8Array(Math.min(BATCH_BYTES, options.batchBytes ?? BATCH_BYTES));
    const { engine, store } = options;
    this.#losses = new RingLosses(engine, store.reportedLosses(engine.ringId));
    const position = store.position(engine.ringId);
    // what is stored is not stored again
    if (position !== undefined) engine.ring.seek(position);
    this.#backlogEnd = engine.ring.end;
  }

  start(onFailure: (error: unknown) => void): void {
    this.#done = this.#run().catch(onFailure);
  }

  /** Ends; what is in the ring then stays there for the next service. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
    this.#options.throttled.save();
  }

  /** Moves all that is in the ring now. */
  drain(): void {
    const { ring } = this.#options.engine;
    this.#backlogEnd = ring.end;
    while (ring.position < this.#backlogEnd && this.#move() > 0);
    this.reportLosses();
    this.#isStopping = true;
  }

  reportLosses(): void {
    this.#report(this.#losses.take());
  }

  /** Losses are per rule set: the last ones of one that has gone, which had these numbers. */
  reportLast(generation: number, rules: readonly RuleCounters[]): void {
    this.#report(this.#losses.takeLast(generation, rules));
  }

  #report(loss: RingLoss | undefined): void {
    if (loss === undefined) return;
    const { reported, ...report } = loss;
    this.#store(new Uint8Array(0), [{ kind: "loss", ...report }], reported);
  }

  async #run(): Promise<void> {
    const { ring } = this.#options.engine;
    let housekeeping = 0;
    this.storeGenerations();
    while (!this.#isStopping) {
      const now = performance.now();
      if (now >= housekeeping) {
        housekeeping = now + HOUSEKEEPING_MS;
        this.#offsetNs = bootOffsetNs();
        this.reportLosses();
        this.#options.store.maintain();
        this.#options.outputs.save();
        this.#options.throttled.save();
      }
      if (!(await ring.waitReadable(POLL_MS))) continue;
      if (this.#options.outputs.wantsPause(this.#batch.length)) {
        await sleep(PAUSE_MS);
        continue;
      }
      if (ring.pendingBytes < Math.min(this.#batch.length, ring.size / 16)) await sleep(GATHER_MS);
      if (!this.#isStopping) this.#move();
    }
  }

  /** One batch; returns its bytes in the ring. */
  #move(): number {
    const { ring } = this.#options.engine;
    const share = ring.position < this.#backlogEnd ? 1 : shareAt(ring.pendingBytes / ring.size);
    const copied = ring.copyAvailable(this.#batch, 0, true);
    if (copied === 0) return 0;
    const { used, records, unknown, ...rest } = thin(this.#batch, copied, share, this.#ruleOf);
    const { throttled, sites } = rest;
    this.events += records;
    this.unknown += unknown;
    this.#store(this.#batch.subarray(0, used), reportThrottled(throttled));
    this.#options.throttled.add(sites);
    ring.release();
    return copied;
  }

  #store(bytes: Uint8Array, reports: readonly Report[], reported?: string): void {
    const { engine, store, outputs, subscriptions } = this.#options;
    const { ringId, ring } = engine;
    this.#followJump();
    this.storeGenerations();
    store.append({
      bytes,
      ringId,
      position: ring.position,
      bootOffsetNs: this.#offsetNs,
      reports,
      ...(reported === undefined ? {} : { reportedLosses: reported }),
    });
    outputs.deliver(bytes, store.placed, reports, this.#offsetNs);
    subscriptions.deliver(bytes, reports, this.#offsetNs);
  }

  /**
   * Events behind a jump of the wall clock have its new time, not only those of the next second. Small steps wait: a
   * measurement that was interrupted is off by more than they are.
   */
  #followJump(): void {
    const offsetNs = bootOffsetNs();
    const moved = offsetNs - this.#offsetNs;
    if (moved > CLOCK_JUMP_NS || -moved > CLOCK_JUMP_NS) this.#offsetNs = offsetNs;
  }

  /**
   * A record is never stored before the rule set that says what it means, and no rule set is in force for long before it is
   * stored: what is in the ring can be read also when nothing else is left of its rules.
   */
  storeGenerations(): void {
    const { engine, store } = this.#options;
    // not by its number: that of a rule set which could not be put in force is given to the next
    const last = engine.generations.at(-1);
    if (last === this.#known) return;
    store.setGenerations(engine.ringId, engine.generations);
    this.#known = last;
  }

  readonly #ruleOf = (site: number): string => {
    let name = this.#ruleNames.get(site);
    if (name === undefined) {
      name = this.#findRule(site);
      if (this.#ruleNames.size > 100_000) this.#ruleNames.clear();
      this.#ruleNames.set(site, name);
    }
    return name;
  };

  #findRule(site: number): string {
    for (const { firstSite, sites } of this.#options.engine.generations) {
      const found = sites[site - firstSite];
      if (found !== undefined) return found.rule.name;
    }
    return "";
  }
}

function reportThrottled(throttled: ReadonlyMap<string, number>): readonly Report[] {
  if (throttled.size === 0) return [];
  let total = 0;
  for (const count of throttled.values()) total += count;
  return [{ kind: "throttled", total, rules: Object.fromEntries(throttled) }];
}
