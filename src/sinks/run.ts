/** What outputs share: events one behind the other, in memory or stored. */
import type { Format } from "./config/outputs.ts";
import type { OutputEvent, OutputRule } from "./event.ts";

/** Place of an event in what is stored: the nth (from 0) of an entry. Entries are numbered in their order. */
export interface StoredPosition {
  readonly entry: number;
  readonly first: number;
}

/** `to` is behind the last. */
export interface Range {
  readonly from: StoredPosition;
  readonly to: StoredPosition;
}

/** Lines of events that follow one another. */
export interface LineSpan {
  /** Undefined: none of the events has a line. */
  readonly bytes: Uint8Array | undefined;
  /** Events that are wanted, whether they have a line or not. */
  readonly count: number;
  /** Behind the last event that it stands for. */
  readonly end: number;
}

export type Choice = (rule: OutputRule | undefined) => rule is OutputRule;

/** Some tens of KiB of events in memory. Each form of an event is made once, for all outputs that ask for it. */
export interface EventRun {
  readonly count: number;
  /** Of the records. */
  readonly bytes: number;
  /** Of the first event; undefined: it is not stored. All lie in one entry. */
  readonly position: StoredPosition | undefined;
  /** Events of each rule. */
  readonly rules: ReadonlyMap<OutputRule, number>;
  /** Memory that it takes at present, with the forms. */
  readonly size: number;
  /** Called with how much `size` has changed. */
  onGrow: (bytes: number) => void;
  /** Undefined: nobody knows it, and the event cannot be read. */
  rule(index: number): OutputRule | undefined;
  event(index: number): OutputEvent;
  /**
   * As many lines as lie one behind the other and have `most` bytes, one in any case, of the events [from, to) whose
   * rules are wanted; none where the first cannot be written.
   */
  lines(from: number, to: number, format: Format, wants: Choice, most: number): LineSpan;
  /** They are made again when asked for. */
  dropForms(): void;
  /** Nobody holds it, nor a form of its events: their memory is given back. */
  dispose(): void;
  /** What it was stored in is gone. */
  forgetPosition(): void;
}

/** Where events lie that outputs come back for. */
export interface Storage {
  /** Memory that it takes at present. */
  readonly size: number;
  /** The next events of the range; `none`: it has none any more; `later`: it cannot be read at present. */
  load(range: Range): EventRun | "none" | "later";
  /** Gives back so many bytes of its memory, or all: what it kept is read again when it is asked for. */
  trim(bytes: number): void;
}

export function isBefore(a: StoredPosition, b: StoredPosition): boolean {
  return a.entry === b.entry ? a.first < b.first : a.entry < b.entry;
}
