/** The kernel engine as an iterable: events of every process on the machine. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { bootOffsetNs, eventNames } from "../engines/context/index.ts";
import type { Engine, EngineCounters, RecordSink } from "../engines/engine.ts";
import { openKernelEngine } from "../engines/kernel/index.ts";
import { EventDecoder, type SctEvent, WallClock } from "../events/index.ts";
import { checkedRules, type RuleSet, RulesError } from "./rule-set.ts";

/** How long a `close` or an abort may go unnoticed when nothing happens. */
const POLL_MS = 200;
const CLOCK_MS = 1000;

export interface WatchOptions {
  /** Ends the iteration, after the events that are there already. */
  readonly signal?: AbortSignal;
  /** Size of the kernel's event buffer: a power of two from 4096; default 64 MiB. */
  readonly ringBytes?: number;
}

/**
 * Puts the rules in force for every process but this one. They are when it returns, and until the iteration ends or
 * `close` is called. Needs root. Throws RulesError for what this machine cannot do, MachineError where the kernel
 * refuses.
 */
export function watch(rules: RuleSet | string, options: WatchOptions = {}): Watch {
  return new Watch(rules, options);
}

/** Rules in force, and their events. Iterate once. */
export class Watch implements AsyncIterable<SctEvent>, Disposable {
  /** What must be known of how the rules work on this machine, one line each. */
  readonly notices: readonly string[];
  readonly #engine: Engine;
  readonly #clock = new WallClock(bootOffsetNs());
  readonly #decoder: EventDecoder;
  readonly #queue: SctEvent[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #sink: RecordSink = {
    record: (memory, offset, length) => {
      this.#queue.push(this.#decoder.decode(memory, offset, length));
    },
  };
  readonly #onAbort = (): void => this.close();
  #isClosed = false;

  /** @internal */
  constructor(rules: RuleSet | string, { signal, ringBytes }: WatchOptions) {
    const opened = openKernelEngine(checkedRules(rules), {
      reportsCaller: true,
      ...(ringBytes === undefined ? {} : { ringBytes }),
    });
    if (!opened.ok) throw new RulesError(opened.diagnostics);
    this.#engine = opened.engine;
    this.notices = opened.engine.notices;
    const context = { clock: this.#clock, names: eventNames(), generation: 1 };
    this.#decoder = new EventDecoder(opened.engine.sites, context);
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.close();
  }

  /** What became of every call that matched, per rule: compare `matched` with `delivered` to know what was lost. */
  get counters(): EngineCounters {
    return this.#engine.counters();
  }

  /** Takes the rules out of force. Events that are there already are still iterated over. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#engine.close(this.#sink);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SctEvent, void, undefined> {
    let clockAt = performance.now() + CLOCK_MS;
    try {
      while (true) {
        if (!this.#isClosed) await this.#engine.poll(this.#sink, POLL_MS);
        const isLast = this.#isClosed;
        const events = this.#queue.splice(0);
        yield* events;
        if (isLast && this.#queue.length === 0) return;
        if (performance.now() >= clockAt) {
          clockAt = performance.now() + CLOCK_MS;
          this.#clock.adjust(bootOffsetNs());
        }
        // a busy engine never waits, and other code wants its turn
        if (events.length > 0) await nextTurn();
      }
    } finally {
      this.close();
    }
  }
}
