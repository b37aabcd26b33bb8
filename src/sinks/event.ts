/** What outputs are given. */
import type { SctEvent } from "../events/index.ts";
import type { Format } from "./config/outputs.ts";

/** What outputs know of a rule; the same object for all its events. */
export interface OutputRule {
  readonly name: string;
  /** It has a LOG action: its events have a line of text. */
  readonly hasLine: boolean;
  /** What it says of itself; priority: 0 emerg … 7 debug, in place of the output's severity. */
  readonly priority?: number;
  readonly tags?: readonly string[];
  readonly description?: string;
}

/** One event. Its forms are made when they are asked for, and once for all outputs. */
export interface OutputEvent {
  readonly rule: OutputRule;
  /** RFC 3339; known without making `event`, which costs most. */
  readonly ts: string;
  /** As one line with its end, safe for every receiver (line.ts); undefined: it has none in this format. */
  line(format: Format): Uint8Array | undefined;
  /** That of text without its end, "" when there is none. */
  readonly text: string;
  /** That of JSON without its end. */
  readonly json: string;
  readonly event: SctEvent;
}

/** Events that somebody will not get. */
export interface Loss {
  readonly total: number;
  /** Per rule; can be less than the total. */
  readonly rules: Readonly<Record<string, number>>;
  /** `buffer`: before the service got them. `output`: this output had no room, others may have them. */
  readonly where: "buffer" | "output";
  /** When it is reported, RFC 3339. */
  readonly ts: string;
}
