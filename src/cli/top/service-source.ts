/** What the running service counts and stores, for `sct top`: nothing is loaded. */
import { setTimeout as sleep } from "node:timers/promises";
import { ask, NotLoadedError, ServiceRefusedError } from "../../daemon/client.ts";
import type { Paths } from "../../daemon/index.ts";
import { eventNames } from "../../engines/context/index.ts";
import {
  DamageError,
  EventDecoder,
  RecordError,
  RecordReader,
  RingStream,
  WallClock,
} from "../../events/index.ts";
import {
  type Entry,
  HistoryError,
  HistoryReader,
  identityOf,
  isDamaged,
  type KnownGeneration,
  Selection,
} from "../../store/index.ts";
import { endOf, type Place } from "../log/listing.ts";
import type { TopCounters, TopSink, TopSource } from "./source.ts";

const EVERYTHING = new Selection({ rules: [], pids: [], comms: [], paths: [] });
/** A service that is started again does not answer for a moment. */
const PATIENCE_MS = 10_000;

export class ServiceSource implements TopSource {
  readonly #paths: Paths;
  #reader: HistoryReader | undefined;
  #place: Place = { id: 0, records: 0 };
  #version = -1;
  /** A history that could not be read on. */
  #damaged: string | undefined;
  #counters: readonly TopCounters[];
  #answeredAt = performance.now();
  readonly #record = new RecordReader();
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
    this.#reader = this.#tryOpen();
    try {
      if (this.#reader !== undefined) this.#place = endOf(this.#reader);
    } catch (error) {
      this.#reader?.close();
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
    try {
      this.#read(sink);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      // the service meets it, too, and says so; counters continue, and events with the file that it begins
      this.#reader?.close();
      this.#reader = undefined;
      this.#damaged = identityOf(this.#paths.history);
    }
  }

  #read(sink: TopSink): void {
    if (this.#reader?.isReplaced !== false) {
      const next = this.#tryOpen();
      if (next === undefined) return;
      this.#reader?.close();
      this.#reader = next;
      this.#place = { id: 0, records: 0 };
      this.#version = -1;
    }
    const { version } = this.#reader;
    if (version === this.#version) return;
    this.#version = version;
    for (const entry of this.#reader.entries(EVERYTHING, this.#place.id)) {
      const known = entry.id === this.#place.id ? this.#place.records : 0;
      const records = entry.report === undefined ? this.#hand(this.#reader, entry, known, sink) : 0;
      this.#place = { id: entry.id, records };
    }
  }

  close(): void {
    this.#reader?.close();
  }

  /** Undefined: there is no history, or none yet. */
  #tryOpen(): HistoryReader | undefined {
    if (this.#damaged !== undefined && identityOf(this.#paths.history) === this.#damaged) return;
    try {
      return HistoryReader.open(this.#paths.history);
    } catch (error) {
      if (error instanceof HistoryError && error.code !== "privilege") return undefined;
      throw error;
    }
  }

  /** The events of an entry behind those that are known; returns how many it has. What is damaged is passed over. */
  #hand(reader: HistoryReader, entry: Entry, known: number, sink: TopSink): number {
    let records = 0;
    try {
      const bytes = sink.isSpent ? undefined : reader.records(entry.id);
      this.#clock.adjust(entry.bootOffsetNs);
      for (const ring = new RingStream(bytes ?? new Uint8Array(0)); ring.next(); ) {
        if (records++ < known) continue;
        const { offset, length } = ring;
        this.#record.open(bytes as Uint8Array, offset, length);
        const generation = reader.generations.find(entry.ring, this.#record.site);
        if (generation === undefined) sink.pass(1);
        else {
          const decoder = this.#decoderOf(generation);
          sink.see(() => decoder.decode(bytes as Uint8Array, offset, length));
        }
      }
    } catch (error) {
      if (!(error instanceof DamageError || error instanceof RecordError)) throw error;
    }
    // it may have grown since it was looked up
    const all = Math.max(entry.count, records);
    sink.pass(Math.max(0, all - Math.max(records, known)));
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
  const answer = await ask(paths, "status", {});
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
