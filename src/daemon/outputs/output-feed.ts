/** The way of events from the ring to the outputs: beside the history, and out of it for those that are behind. */
import {
  type Notice,
  type OutputConfig,
  type OutputCounters,
  Outputs,
  type StoredPosition,
} from "../../sinks/index.ts";
import type { History, Placement, Report } from "../../store/index.ts";
import type { ServiceEngine } from "../engine.ts";
import type { MemoryStatus } from "../socket/protocol.ts";
import { cutRun } from "./cut-runs.ts";
import { EventForms, findRuleSet } from "./event-forms.ts";
import { OutputStates } from "./output-states.ts";
import { RecordRun } from "./record-run.ts";
import { StoredRuns } from "./stored-runs.ts";

export interface OutputFeedOptions {
  readonly engine: Pick<ServiceEngine, "ringId" | "generations" | "ring">;
  readonly configs: readonly OutputConfig[];
  readonly memoryBytes: number;
  /** Undefined: events are kept nowhere. */
  readonly history: History | undefined;
  readonly onNotice: Notice;
}

/** From this part of the ring on, storing events is more urgent than handing them on. */
const URGENT_SHARE = 1 / 8;
/** From this part on events are throttled. */
const FULL_SHARE = 1 / 2;

export class OutputFeed {
  readonly #options: OutputFeedOptions;
  readonly #forms = new EventForms();
  readonly #outputs: Outputs;
  readonly #states: OutputStates | undefined;
  #hasOutputs: boolean;

  constructor(options: OutputFeedOptions) {
    const { engine, configs, memoryBytes, history, onNotice } = options;
    this.#options = options;
    this.#hasOutputs = configs.length > 0;
    const storage = history && new StoredRuns(history, engine, this.#forms);
    this.#outputs = Outputs.open(configs, {
      onNotice,
      memoryBytes,
      ...(storage === undefined ? {} : { storage }),
      isUrgent: () => this.#ringShare > URGENT_SHARE,
    });
    this.#states = history && new OutputStates(history);
    const { feed } = this.#outputs;
    history?.watch({
      onDelete(entry, entries) {
        if (storage !== undefined)
          feed.forget(entry, { load: (range) => storage.load(range, entries) });
      },
      onBegin: () => feed.forgetAll(),
    });
    if (this.#states !== undefined && this.#hasOutputs) this.#outputs.restore(this.#states.read());
  }

  /** `placed`: where the history has them, in their order; none: it has not. The bytes may be used again when it returns. */
  deliver(
    bytes: Uint8Array,
    placed: readonly Placement[],
    reports: readonly Report[],
    bootOffsetNs: bigint,
  ): void {
    if (!this.#hasOutputs) return;
    let at = 0;
    for (const { entry, first, count, bytes: length } of placed) {
      if (count > 0)
        this.#deliverPart(bytes.subarray(at, at + length), { entry, first }, bootOffsetNs);
      at += length;
    }
    if (at < bytes.length) this.#deliverPart(bytes.subarray(at), undefined, bootOffsetNs);
    for (const { total, rules } of reports)
      this.#outputs.deliverLoss({ total, rules, ts: new Date().toISOString() });
  }

  /**
   * Whether so many bytes, which nothing stores, are better left in the ring for a short time: outputs that make their way have
   * no room for them. Nobody waits for an output that is stuck, and none that has nothing to do for one that is slow.
   */
  wantsPause(bytes: number): boolean {
    const outputs = this.#outputs;
    if (!this.#hasOutputs || outputs.feed.hasRoom(bytes) || this.#isStored) return false;
    if (!outputs.areProgressing) return false;
    return this.#ringShare < FULL_SHARE || !outputs.someAreIdle;
  }

  configure(configs: readonly OutputConfig[], memoryBytes: number): void {
    this.#outputs.feed.limit = memoryBytes;
    this.#hasOutputs = configs.length > 0;
    this.#outputs.configure(configs);
    this.#outputs.reopen();
  }

  /** Writes down how far outputs are. Once a second. */
  save(): void {
    if (this.#hasOutputs) this.#states?.write(this.#outputs.rest());
  }

  counters(): readonly OutputCounters[] {
    return this.#outputs.counters();
  }

  /** Bytes, by what they are for, and how many there may be. */
  get memory(): Omit<MemoryStatus, "resident"> {
    const { memory, used, limit } = this.#outputs.feed;
    return { limit, used, ...memory };
  }

  /** What does not work, or was lost. */
  get problems(): readonly string[] {
    return this.counters().flatMap(({ name, problem, lost, queued }) => [
      ...(problem === undefined ? [] : [`output ${name}: ${problem}; ${queued} events wait`]),
      ...(lost === 0
        ? []
        : [`output ${name}: ${lost} events were lost since the service was started`]),
    ]);
  }

  /** What is stored and not handed over waits for the next service. */
  async close(): Promise<void> {
    const states = this.#states;
    await this.#outputs.close(undefined, states && ((rests) => states.write(rests)));
  }

  get #isStored(): boolean {
    const { history } = this.#options;
    return history !== undefined && history.counters().problem === undefined;
  }

  get #ringShare(): number {
    const { ring } = this.#options.engine;
    // rules are taken away, and outputs get some time for what waits
    return ring.isClosed ? 0 : ring.pendingBytes / ring.size;
  }

  #deliverPart(part: Uint8Array, place: StoredPosition | undefined, bootOffsetNs: bigint): void {
    const { generations } = this.#options.engine;
    let first = place?.first ?? 0;
    for (let start = 0; start < part.length; ) {
      const { end, count } = cutRun(part, start);
      if (count === 0) return;
      const run = new RecordRun({
        forms: this.#forms,
        memory: part.subarray(start, end),
        bootOffsetNs,
        position: place && { entry: place.entry, first },
        find: (site) => {
          const set = findRuleSet(generations, site);
          return set && this.#forms.of(set);
        },
      });
      this.#outputs.deliver(run);
      first += count;
      start = end;
    }
  }
}
