/** The kernel engine as an iterable: events of every process on the machine. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { bootOffsetNs, eventNames } from "../engines/context/index.ts";
import type { Engine, EngineCounters, RecordSink } from "../engines/engine.ts";
import { ENGINES } from "../engines/engines.ts";
import { EventDecoder, type SctEvent, WallClock } from "../events/index.ts";
import type { CheckedRule } from "../language/index.ts";
import { checkedRules, type RuleSet, RulesError } from "./rule-set.ts";

/** How long a `close` or an abort may go unnoticed when nothing happens. */
const POLL_MS = 200;
const CLOCK_MS = 1000;

export interface WatchOptions {
  /** Ends the iteration, after the events that are there already. */
  readonly signal?: AbortSignal;
  /** Size of the kernel's event buffer: a power of two from 4096; default 64 MiB. */
  readonly ringBytes?: number;
  /** Longest that an event waits to be read while others come; default 10 ms, 0: each is read at once. */
  readonly latencyMs?: number;
  /** Rules that are not in force after this time are refused; default two minutes. */
  readonly deadlineMs?: number;
}

/**
 * Puts the rules in force for every process but this one: from when `ready` resolves until the iteration ends or `close` is
 * called. They are compiled and verified beside the caller's code. Needs root. Throws RulesError for a text that is wrong.
 */
export function watch(rules: RuleSet | string, options: WatchOptions = {}): Watch {
  return new Watch(rules, options);
}

const NOTHING: EngineCounters = { rules: [], recursionMisses: 0, readerDropped: 0 };

/** Rules in force, and their events. Iterate once. */
export class Watch implements AsyncIterable<SctEvent>, Disposable {
  /**
   * Resolves when the rules are in force, or the watch has been closed before. Rejects with a RulesError for what this
   * machine cannot do, a MachineError where the kernel refuses; so does the iteration, which waits for it.
   */
  readonly ready: Promise<void>;
  #engine: Engine | undefined;
  readonly #clock = new WallClock(bootOffsetNs());
  #decoder: EventDecoder | undefined;
  readonly #queue: SctEvent[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #sink: RecordSink = {
    record: (memory, offset, length) => {
      if (this.#decoder !== undefined)
        this.#queue.push(this.#decoder.decode(memory, offset, length));
    },
  };
  readonly #onAbort = (): void => this.close();
  readonly #closing = new AbortController();

  /** @internal */
  constructor(rules: RuleSet | string, options: WatchOptions) {
    const { signal } = options;
    const accepted = checkedRules(rules);
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.close();
    this.ready = this.#begin(accepted, options);
    // a caller that iterates gets it there
    this.ready.catch(() => {});
  }

  async #begin(rules: readonly CheckedRule[], options: WatchOptions): Promise<void> {
    const { signal } = this.#closing;
    try {
      const all = { ...options, rules, signal, reportsCaller: true };
      const opened = await ENGINES.kernel.open(all);
      if (!opened.ok) throw new RulesError(opened.diagnostics);
      const { engine } = opened;
      const context = { clock: this.#clock, names: eventNames(), generation: 1 };
      this.#decoder = new EventDecoder(engine.sites, context);
      this.#engine = engine;
      if (signal.aborted) engine.close();
    } catch (error) {
      if (signal.aborted) return;
      this.close();
      throw error;
    }
  }

  /** What must be known of how the rules work on this machine, one line each; known when they are in force. */
  get notices(): readonly string[] {
    return this.#engine?.notices ?? [];
  }

  /** What became of every call that matched, per rule: compare `matched` with `delivered` to know what was lost. */
  get counters(): EngineCounters {
    return this.#engine?.counters() ?? NOTHING;
  }

  /** Takes the rules out of force. Events that are there already are still iterated over. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#engine?.close(this.#sink);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SctEvent, void, undefined> {
    let clockAt = performance.now() + CLOCK_MS;
    try {
      await this.ready;
      while (true) {
        const { aborted: isLast } = this.#closing.signal;
        if (!isLast) await this.#engine?.events(this.#sink, POLL_MS);
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
