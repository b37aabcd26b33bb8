/** All outputs of the configuration. None of them can stop another one, nor the delivery of events. */
import { isDeepStrictEqual } from "node:util";
import { DEFAULT_MEMORY_BYTES } from "./config/config.ts";
import type { OutputConfig } from "./config/outputs.ts";
import type { Loss } from "./event.ts";
import { Feed } from "./feed.ts";
import { openSink } from "./open-sink.ts";
import {
  type Notice,
  Output,
  type OutputCounters,
  type OutputShared,
  type Rest,
} from "./output.ts";
import type { EventRun, Storage } from "./run.ts";
import { Turns } from "./turns.ts";

export interface OutputsOptions {
  /** Notified when an output begins to fail, with the reason, and when it works again. */
  readonly onNotice?: Notice;
  /** How long outputs that are closed have for what waits in them. */
  readonly closeTimeoutMs?: number;
  /** What events that wait and forms that are made of them may take in memory, of all outputs together. */
  readonly memoryBytes?: number;
  /** Where outputs that are behind read events again; without it, those that are beyond the memory are lost to them. */
  readonly storage?: Storage;
  /** Whether something else needs the processor more than outputs. */
  readonly isUrgent?: () => boolean;
}

/** A service has five seconds for all of its end. */
const CLOSE_TIMEOUT_MS = 3000;
/** What an output gets that does not make its way, where what waits is kept for the next service. */
const LAST_ATTEMPT_MS = 500;
/** An output that has handed over something within this time makes its way. */
const PROGRESS_MS = 1000;

export class Outputs {
  #outputs: readonly Output[] = [];
  readonly #shared: OutputShared;
  readonly #closeTimeoutMs: number;
  /** Outputs that are not wanted any more and have not ended yet. */
  readonly #ending = new Set<Promise<void>>();

  private constructor(options: OutputsOptions) {
    const { onNotice, closeTimeoutMs, memoryBytes, storage, isUrgent } = options;
    this.#shared = {
      feed: new Feed(memoryBytes ?? DEFAULT_MEMORY_BYTES, storage),
      turns: new Turns(isUrgent),
      notice: onNotice ?? (() => undefined),
    };
    this.#closeTimeoutMs = closeTimeoutMs ?? CLOSE_TIMEOUT_MS;
  }

  /** Opens nothing yet: files and connections are opened at the first event, and again whenever they fail. */
  static open(configs: readonly OutputConfig[], options: OutputsOptions = {}): Outputs {
    const outputs = new Outputs(options);
    outputs.configure(configs);
    return outputs;
  }

  /**
   * From now on these are the outputs. One whose configuration is as before continues with its queue, counters and
   * connection; one that has changed sends what its predecessor has not.
   */
  configure(configs: readonly OutputConfig[]): void {
    const before = this.#outputs;
    this.#outputs = configs.map(
      (config) =>
        before.find((output) => isDeepStrictEqual(output.config, config)) ??
        new Output(config, openSink(config), this.#shared),
    );
    for (const old of before) {
      if (this.#outputs.includes(old)) continue;
      const next = this.#outputs.find(({ config }) => config.name === old.config.name);
      if (next === undefined) this.#remove(old);
      else next.follow(old, this.#closeTimeoutMs);
    }
  }

  /** Where runs are held, and how much memory that takes. */
  get feed(): Feed {
    return this.#shared.feed;
  }

  /** Gives events to all outputs that want them. Never waits and never throws; what has no room is counted. */
  deliver(run: EventRun): void {
    this.#shared.feed.append(run);
    for (const output of this.#outputs) output.wake();
  }

  /** Reports to every output events that were lost before they came here. */
  deliverLoss(loss: Omit<Loss, "where">): void {
    this.#shared.feed.appendLoss({ ...loss, where: "buffer" });
    for (const output of this.#outputs) output.wake();
  }

  /** Whether outputs would keep up if delivery paused shortly. */
  get areProgressing(): boolean {
    return this.#outputs.some(
      (output) => !output.backlog.isEmpty && output.isProgressing(PROGRESS_MS),
    );
  }

  /** Whether an output has nothing to do: it would wait for nothing. */
  get someAreIdle(): boolean {
    return this.#outputs.some((output) => output.backlog.isEmpty && output.backlog.events === 0);
  }

  /** Lets go of files that were renamed (SIGHUP). */
  reopen(): void {
    for (const output of this.#outputs) output.reopen();
  }

  counters(): readonly OutputCounters[] {
    return this.#outputs.map((output) => output.counters());
  }

  /** What each output has not handed over, by its name. */
  rest(): ReadonlyMap<string, Rest> {
    return new Map(this.#outputs.map((output) => [output.config.name, output.rest]));
  }

  /** Before the first event: outputs continue with what those of a service before left. */
  restore(rest: ReadonlyMap<string, Rest>): void {
    for (const output of this.#outputs) {
      const known = rest.get(output.config.name);
      if (known !== undefined) output.restore(known);
    }
  }

  /**
   * Hands over what waits, then ends. What could not be handed over in time is lost, and reported; but with `keep`, what is
   * stored is left for the next service, and an output that stands still is hardly waited for.
   */
  async close(
    timeoutMs = this.#closeTimeoutMs,
    keep?: (rest: ReadonlyMap<string, Rest>) => boolean,
  ): Promise<void> {
    const ends = this.#outputs.map((output) =>
      output.end(
        keep === undefined || output.isProgressing(PROGRESS_MS) ? timeoutMs : LAST_ATTEMPT_MS,
        true,
      ),
    );
    await Promise.all([...ends, ...this.#ending]);
    const closed = this.#outputs.map((output) => {
      const ranges = keep === undefined ? [] : output.rest.ranges;
      const { total, rules } = output.clear(keep !== undefined);
      return { name: output.config.name, ranges, untold: { total, rules } };
    });
    const isKept = keep?.(new Map(closed.map(({ name, ...rest }) => [name, rest]))) ?? false;
    for (const { name, ranges, untold } of closed) {
      const waiting = ranges.reduce((sum, { events }) => sum + events, 0);
      if (!isKept) this.#reportLost(name, untold.total + waiting);
      else if (waiting > 0)
        this.#shared.notice(name, `${waiting} events wait for the next service`);
    }
  }

  #remove(output: Output): void {
    const { name } = output.config;
    const ended = output
      .close(this.#closeTimeoutMs)
      .then(({ total }) => this.#reportLost(name, total))
      .finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  /** What no receiver will get. */
  #reportLost(name: string, count: number): void {
    if (count > 0)
      this.#shared.notice(name, `it is closed, ${count} events were not written to it`);
  }
}
