/**
 * Events for live receivers, over the control socket. Each event is made a line at most once, and only if
 * somebody wants it; while the ring fills, storing is more urgent and subscribers get the number of events that they miss.
 */
import { RecordReader, RingStream, TextBuffer } from "../../events/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { type Report, Selection } from "../../store/index.ts";
import type { ServiceEngine } from "../engine.ts";
import { EventForms, findRuleSet } from "../outputs/event-forms.ts";
import { DONE, failure } from "../socket/answers.ts";
import { LastingAnswer, type LineSink } from "../socket/line-sink.ts";
import {
  type ErrorAnswer,
  type EventFilter,
  IDLE_MS,
  MAX_READING_SUBSCRIBERS,
  MAX_SUBSCRIBERS,
} from "../socket/protocol.ts";
import type { Role } from "../socket/roles.ts";
import { queryOf } from "./event-filter.ts";
import { Subscriber } from "./subscriber.ts";

/** From this part of the ring on, storing events is more urgent than showing them. */
const URGENT_SHARE = 1 / 8;

/** A subscriber and how it is ended. */
interface Place {
  readonly role: Role;
  readonly subscriber: Subscriber;
  readonly leave: () => void;
}

export class Subscriptions {
  readonly #engine: Pick<ServiceEngine, "generations" | "ring">;
  readonly #forms = new EventForms();
  readonly #record = new RecordReader();
  readonly #line = new TextBuffer();
  readonly #places = new Set<Place>();

  constructor(engine: Pick<ServiceEngine, "generations" | "ring">) {
    this.#engine = engine;
  }

  get count(): number {
    return this.#places.size;
  }

  /** The answer to `subscribe`: events from now on, until the other end closes. */
  answer(filter: EventFilter, role: Role): LastingAnswer | ErrorAnswer {
    if (!this.#hasPlace(role)) return failure("machine", "busy", "too many subscribers");
    const selection = new Selection(queryOf(filter));
    return new LastingAnswer(DONE, true, async (lines) => {
      await this.#serve(selection, lines, role);
      return undefined;
    });
  }

  /** Hands over records as they lay in the ring; they may be overwritten when it returns. Never waits. */
  deliver(bytes: Uint8Array, reports: readonly Report[], bootOffsetNs: bigint): void {
    if (this.#places.size === 0) return;
    this.#forms.bootOffsetNs = bootOffsetNs;
    const { ring } = this.#engine;
    const isUrgent = !ring.isClosed && ring.pendingBytes / ring.size > URGENT_SHARE;
    const offsetUs = Number(bootOffsetNs) / 1000;
    for (const records = new RingStream(bytes); records.next(); )
      this.#deliverOne(bytes, records.offset, records.length, offsetUs, isUrgent);
    for (const { subscriber } of this.#places) {
      for (const report of reports) subscriber.report(report, Date.now());
      subscriber.flush();
    }
  }

  #deliverOne(
    bytes: Uint8Array,
    offset: number,
    length: number,
    offsetUs: number,
    isUrgent: boolean,
  ): void {
    const record = this.#record;
    // no record: the history counts those
    if (!record.tryOpen(bytes, offset, length)) return;
    const set = findRuleSet(this.#engine.generations, record.site);
    const site = set?.sites[record.site - set.firstSite];
    if (set === undefined || site === undefined) return;
    const atUs = record.double(RecordOffset.time) / 1000 + offsetUs;
    let isMade = false;
    for (const { subscriber } of this.#places) {
      if (!subscriber.wants(record, site, atUs)) continue;
      if (isUrgent) {
        subscriber.lose(site.rule.name);
        continue;
      }
      if (!isMade) {
        this.#line.clear();
        this.#forms.of(set).json.format(bytes, offset, length, this.#line);
        isMade = true;
      }
      subscriber.take(this.#line.view(), site.rule.name);
    }
  }

  async #serve(selection: Selection, lines: LineSink, role: Role): Promise<void> {
    const left = Promise.withResolvers<void>();
    const subscriber = new Subscriber(selection, lines);
    const place: Place = { role, subscriber, leave: left.resolve };
    this.#places.add(place);
    await Promise.race([lines.closed, left.promise]);
    this.#places.delete(place);
  }

  /** A subscriber that has read nothing for long makes way. */
  #hasPlace(role: Role): boolean {
    const taken = [...this.#places];
    const readers = taken.filter((place) => place.role === "read");
    const isFull =
      taken.length >= MAX_SUBSCRIBERS ||
      (role === "read" && readers.length >= MAX_READING_SUBSCRIBERS);
    if (!isFull) return true;
    const candidates = role === "read" ? readers : taken;
    const stalled = candidates.find(({ subscriber }) => subscriber.stalledMs > IDLE_MS);
    if (stalled === undefined) return false;
    this.#places.delete(stalled);
    stalled.leave();
    return true;
  }
}
