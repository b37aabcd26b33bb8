/** Where numbers and events of `sct top` come from: rules of its own in the kernel, or the service. */
import { bootOffsetNs, eventNames } from "../../engines/context/index.ts";
import type { Engine, RuleCounters } from "../../engines/engine.ts";
import { EventDecoder, type SctEvent, WallClock } from "../../events/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import { leftStopped } from "../watch/left-stopped.ts";

export type TopCounters = Pick<RuleCounters, "rule" | "matched" | "limited" | "dropped">;

/** Looks at events while it has time to. */
export interface TopSink {
  /** No event will be looked at before the next frame. */
  readonly isSpent: boolean;
  see(decode: () => SctEvent): void;
  /** Events that were there and are not handed over. */
  pass(count: number): void;
}

export interface TopSource {
  /** Of the rules in force, in their order. */
  counters(): Promise<readonly TopCounters[]>;
  /** Hands over the events that have come, and waits `timeoutMs` at most for some. */
  poll(sink: TopSink, timeoutMs: number): Promise<void>;
  close(): void;
}

/** Closes the engine, which has these rules, with itself, and names the processes that stay stopped. */
export function engineSource(engine: Engine, rules: readonly CheckedRule[]): TopSource {
  const context = { clock: new WallClock(bootOffsetNs()), names: eventNames(), generation: 1 };
  const decoder = new EventDecoder(engine.sites, context);
  return {
    counters: async () => engine.counters().rules,
    async poll(sink, timeoutMs) {
      const record = (memory: Uint8Array, offset: number, length: number): void =>
        sink.see(() => decoder.decode(memory, offset, length));
      await engine.poll({ record }, timeoutMs);
    },
    close() {
      engine.detach();
      try {
        const stopped = leftStopped(rules);
        if (stopped !== undefined) process.stderr.write(`sct top: ${stopped}\n`);
      } finally {
        engine.close();
      }
    },
  };
}
