/** Events that outputs come back for, out of the history. */
import { freeMemory } from "../../base/free-memory.ts";
import { type EventRun, isBefore, type Range, type Storage } from "../../sinks/index.ts";
import type { EntryReader, History, StoredEntry } from "../../store/index.ts";
import type { ServiceEngine } from "../engine.ts";
import { cutRun, startOfRecord } from "./cut-runs.ts";
import { type EventForms, type Forms, findRuleSet } from "./event-forms.ts";
import { RecordRun } from "./record-run.ts";

/** Entries kept decompressed: of outputs that are behind in different places at a time. */
const KEPT_ENTRIES = 2;

export class StoredRuns implements Storage {
  readonly #history: History;
  readonly #engine: Pick<ServiceEngine, "ringId" | "generations">;
  readonly #forms: EventForms;
  /** The last used last. */
  readonly #kept = new Map<string, Uint8Array>();

  constructor(
    history: History,
    engine: Pick<ServiceEngine, "ringId" | "generations">,
    forms: EventForms,
  ) {
    this.#history = history;
    this.#engine = engine;
    this.#forms = forms;
  }

  get size(): number {
    let sum = 0;
    for (const { length } of this.#kept.values()) sum += length;
    return sum;
  }

  trim(bytes: number): void {
    const target = this.size - bytes;
    while (this.#kept.size > 0 && this.size > target) this.#drop();
  }

  load(range: Range, entries?: EntryReader): EventRun | "none" | "later" {
    const load = (reader: EntryReader) => this.#load(range, reader);
    return (entries === undefined ? this.#history.access(load) : load(entries)) ?? "later";
  }

  #load({ from, to }: Range, entries: EntryReader): EventRun | "none" {
    for (let id = from.entry; ; id++) {
      const entry = entries.next(id);
      if (entry === undefined || !isBefore({ entry: entry.id, first: 0 }, to)) return "none";
      id = entry.id;
      const first = id === from.entry ? from.first : 0;
      const end = id === to.entry ? Math.min(to.first, entry.count) : entry.count;
      const run = first < end ? this.#cut(entry, first, end, entries) : undefined;
      if (run !== undefined) return run;
    }
  }

  /** Undefined: it cannot be decompressed. */
  #cut(entry: StoredEntry, first: number, end: number, entries: EntryReader): EventRun | undefined {
    const bytes = this.#records(entry, entries);
    if (bytes === undefined) return undefined;
    const start = startOfRecord(bytes, first);
    const piece = cutRun(bytes, start, end - first);
    if (piece.count === 0) return undefined;
    return new RecordRun({
      forms: this.#forms,
      memory: bytes.subarray(start, piece.end),
      bootOffsetNs: entry.bootOffsetNs,
      position: { entry: entry.id, first },
      find: (site) => this.#find(entry, site, entries),
    });
  }

  #records({ id, count }: StoredEntry, entries: EntryReader): Uint8Array | undefined {
    // the last one grows
    const key = `${id} ${count}`;
    const bytes = this.#kept.get(key) ?? entries.records(id);
    this.#kept.delete(key);
    if (bytes === undefined) return undefined;
    this.#kept.set(key, bytes);
    if (this.#kept.size > KEPT_ENTRIES) this.#drop();
    return bytes;
  }

  #drop(): void {
    for (const [key, bytes] of this.#kept) {
      this.#kept.delete(key);
      freeMemory(bytes);
      return;
    }
  }

  #find({ ring, ringId }: StoredEntry, site: number, entries: EntryReader): Forms | undefined {
    const engine = this.#engine;
    const loaded = ringId === engine.ringId ? findRuleSet(engine.generations, site) : undefined;
    const set = loaded ?? entries.generation(ring, site);
    return set && this.#forms.of(set);
  }
}
