/** What an output has taken from its backlog and made ready to send, and not handed over yet. */
import type { LossSegment, RunSegment } from "./backlog.ts";
import type { Loss } from "./event.ts";
import { LossCounts } from "./loss-counts.ts";
import type { EventRun } from "./run.ts";
import type { Encoded } from "./sink.ts";

export type Taken<T> = Encoded<T> &
  (
    | { readonly loss: Loss; readonly run: undefined }
    | {
        readonly loss: undefined;
        readonly run: EventRun;
        /** It stands for the events [from, to) of the run, `count` of which the output wants. */
        readonly from: number;
        readonly to: number;
        readonly count: number;
      }
  );

export class Hand<T> {
  /** Memory that the items take. */
  size = 0;
  #items: Taken<T>[] = [];

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  get items(): readonly Taken<T>[] {
    return this.#items;
  }

  add(item: Taken<T>): void {
    this.#items.push(item);
    this.size += item.size;
  }

  /** Takes the first ones out. */
  take(count: number): readonly Taken<T>[] {
    const taken = this.#items.splice(0, count);
    for (const { size } of taken) this.size -= size;
    return taken;
  }
}

/** As they lay in a backlog. */
export function segmentsOf(items: readonly Taken<unknown>[]): (RunSegment | LossSegment)[] {
  const segments: (LossSegment | (RunSegment & { to: number }))[] = [];
  for (const item of items) {
    const last = segments.at(-1);
    if (item.loss !== undefined) {
      segments.push({ kind: "loss", tally: LossCounts.of(item.loss), where: item.loss.where });
    } else if (last?.kind === "run" && last.run === item.run && last.to === item.from) {
      last.to = item.to;
    } else {
      segments.push({ kind: "run", run: item.run, from: item.from, to: item.to });
    }
  }
  return segments;
}
