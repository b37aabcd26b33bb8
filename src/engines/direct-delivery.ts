/** Hands each record over when it is made: for engines that hold the process meanwhile, so that nothing piles up. */
import type { RecordSink } from "./engine.ts";

export class DirectDelivery implements RecordSink {
  #sink: RecordSink | undefined;
  #count = 0;
  readonly #over = Promise.withResolvers<void>();

  constructor() {
    // a caller that does not wait for the end learns of it elsewhere
    this.#over.promise.catch(() => {});
  }

  record(memory: Uint8Array, offset: number, length: number): void {
    if (this.#sink === undefined) return;
    this.#count++;
    this.#sink.record(memory, offset, length);
  }

  /**
   * `sink` gets all records from now on, also those that come between two calls. Resolves when no more will come, or after
   * `timeoutMs`, to the number of those that no call has counted yet.
   */
  async events(sink: RecordSink, timeoutMs: number): Promise<number> {
    this.#sink = sink;
    if (timeoutMs === Number.POSITIVE_INFINITY) await this.#over.promise;
    else await this.#overWithin(timeoutMs);
    const count = this.#count;
    this.#count = 0;
    return count;
  }

  /** No record will come any more. */
  end(): void {
    this.#over.resolve();
  }

  /** Nor will more come, by a bug of ours: `events` rejects. */
  fail(error: unknown): void {
    this.#over.reject(error);
  }

  async #overWithin(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#over.promise, expired]);
    clearTimeout(timer);
  }
}
