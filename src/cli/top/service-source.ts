/** What the running service counts and stores, for `sct top`: nothing is loaded. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Paths } from "../../daemon/index.ts";
import { ask, NotLoadedError, ServiceRefusedError } from "../../daemon/socket/client.ts";
import { eventNames } from "../../engines/context/index.ts";
import { EventDecoder, WallClock } from "../../events/index.ts";
import {
  type HistoryEntry,
  type HistoryReader,
  type KnownGeneration,
  Selection,
} from "../../store/index.ts";
import {
  endOf,
  HistoryFollower,
  openIfReady,
  StoredEvents,
  type StoredPlace,
  type TopCounters,
  type TopSink,
  type TopSource,
} from "../../views/index.ts";

const EVERYTHING = new Selection({ rules: [], pids: [], comms: [], paths: [] });
/** A service that is started again does not answer for a moment. */
const PATIENCE_MS = 10_000;

export class ServiceSource implements TopSource {
  readonly #paths: Paths;
  readonly #follower: HistoryFollower;
  #counters: readonly TopCounters[];
  #answeredAt = performance.now();
  readonly #clock = new WallClock(0n);
  readonly #names = eventNames();
  readonly #decoders = new WeakMap<KnownGeneration, EventDecoder>();

  /** Events from now on. Throws NotLoadedError where no service runs, ServiceRefusedError, HistoryError. */
  static async open(paths: Paths): Promise<ServiceSource> {
    return new ServiceSource(paths, await countersOf(paths));
  }

  private constructor(paths: Paths, counters: readonly TopCounters[]) {
    this.#paths = paths;
    this.#counters = counters;
    // undefined: there is no history, or none yet
    const reader = openIfReady(paths.history);
    try {
      const from = reader && { reader, place: endOf(reader) };
      this.#follower = new HistoryFollower(paths.history, from);
    } catch (error) {
      reader?.close();
      throw error;
    }
  }

  async counters(): Promise<readonly TopCounters[]> {
    try {
      this.#counters = await countersOf(this.#paths);
      this.#answeredAt = performance.now();
    } catch (error) {
      const isGone = error instanceof NotLoadedError || error instanceof ServiceRefusedError;
      if (!isGone || performance.now() - this.#answeredAt > PATIENCE_MS) throw error;
    }
    return this.#counters;
  }

  async poll(sink: TopSink, timeoutMs: number): Promise<void> {
    await sleep(timeoutMs);
    // of a damaged history the service says so; counters continue, and events with the file that it begins
    await this.#follower.poll((reader, place) => this.#read(reader, place, sink));
  }

  close(): void {
    this.#follower.close();
  }

  #read(reader: HistoryReader, from: StoredPlace, sink: TopSink): StoredPlace {
    let place = from;
    const events = new StoredEvents(reader, EVERYTHING);
    for (const entry of reader.entries(EVERYTHING, from.id)) {
      const known = entry.id === from.id ? from.records : 0;
      const records = entry.report === undefined ? this.#hand(events, entry, known, sink) : 0;
      place = { id: entry.id, records };
    }
    return place;
  }

  /** The events of an entry behind those that are known; returns how many it has. What cannot be read is passed over. */
  #hand(events: StoredEvents, entry: HistoryEntry, known: number, sink: TopSink): number {
    let seen = known;
    let records = 0;
    if (!sink.isSpent) {
      this.#clock.adjust(entry.bootOffsetNs);
      ({ records } = events.visit(
        entry,
        ({ generation, bytes, offset, length }) => {
          seen++;
          const decoder = this.#decoderOf(generation);
          sink.see(() => decoder.decode(bytes, offset, length));
        },
        known,
      ));
    }
    // it may have grown since it was looked up
    const all = Math.max(entry.count, records);
    sink.pass(Math.max(0, all - seen));
    return all;
  }

  #decoderOf(known: KnownGeneration): EventDecoder {
    let decoder = this.#decoders.get(known);
    if (decoder === undefined) {
      const { generation, firstSite, sites } = known;
      const context = { clock: this.#clock, names: this.#names, generation, firstSite };
      decoder = new EventDecoder(sites, context);
      this.#decoders.set(known, decoder);
    }
    return decoder;
  }
}

async function countersOf(paths: Paths): Promise<readonly TopCounters[]> {
  const answer = await ask(paths, "status", { counts: false });
  if (!answer.ok) {
    const { code, message, hint } = answer.error;
    throw new ServiceRefusedError(code, message, hint);
  }
  return answer.rules.map(({ name, hits, limited, dropped, throttled }) => ({
    rule: name,
    matched: hits,
    limited,
    dropped: dropped + throttled,
  }));
}
