/** Where the numbers and events of a view of the machine come from. */
import type { RuleCounters } from "../engines/engine.ts";
import type { SctEvent } from "../events/index.ts";

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
