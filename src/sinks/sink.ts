/** What a kind of output has to do; backlog, retries and accounting are the same for all (output.ts). */
import type { Format } from "./config/outputs.ts";
import type { Loss, OutputEvent } from "./event.ts";

export interface Encoded<T> {
  readonly value: T;
  /** Bytes of memory it takes while it waits, about. */
  readonly size: number;
}

export interface Sink<T> {
  /** The most that `send` wants at once. */
  readonly batch: { readonly count: number; readonly bytes: number };
  /** Lines of this format are taken as they lie in memory, many at a time up to so many bytes, instead of by `encode`. */
  readonly lines?: { readonly format: Format; readonly bytes: number };
  /** Tries of one batch end after this time, and it is lost; undefined: never. */
  readonly giveUpAfterMs?: number;
  /** What is sent for this event; undefined when the event has no form here. */
  encode(event: OutputEvent): Encoded<T> | undefined;
  encodeLoss(loss: Loss): Encoded<T>;
  /**
   * Hands over what it can from the front, never called again before it settled. Resolves with the number that
   * was handed over, at least one. Rejects with BusyError when the receiver is only slow, with RejectedError when it
   * will never take the first ones, with GoneError when they went out and nobody took them, else when it cannot be
   * reached; all is offered again later.
   */
  send(items: readonly T[]): Promise<number>;
  /** Lets go of files, so that the next `send` opens them by name. */
  reopen?(): Promise<void>;
  /** Ends everything at once; a running `send` settles. */
  close(): void;
}

/** The receiver has no room just now. Not a failure: it is asked again soon. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

/** The receiver answered that it does not want the first `count` of what it was sent. */
export class RejectedError extends Error {
  override readonly name = "RejectedError";
  readonly count: number;

  constructor(message: string, count: number) {
    super(message);
    this.count = count;
  }
}

/** The first `count` were sent, and then an answer said that nobody is there. They are lost; the others wait. */
export class GoneError extends Error {
  override readonly name = "GoneError";
  readonly count: number;

  constructor(message: string, count: number) {
    super(message);
    this.count = count;
  }
}
