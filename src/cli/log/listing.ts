/** Prints what a history holds, in the order in which it came: all of it, or the last lines. */
import type { HistoryReader, Selection } from "../../store/index.ts";
import type { Output } from "../output.ts";
import type { Printer, Skip } from "./printer.ts";

/** What has been printed or passed over: all before the entry, and so many of its records. */
export interface Place {
  readonly id: number;
  readonly records: number;
}

/** Behind what is there now. */
export function endOf(reader: HistoryReader): Place {
  const { id, count } = reader.last;
  return { id, records: count };
}

/**
 * Prints entries from `place` on and returns the place behind them. Waits for a slow reader of the output; ends early
 * when `isStopped` says so or nothing can be written.
 */
export async function printFrom(
  place: Place & Skip,
  source: { reader: HistoryReader; selection: Selection; printer: Printer },
  output: Output,
  isStopped: () => boolean = () => false,
): Promise<Place> {
  const { reader, selection, printer } = source;
  const end = reader.last.id;
  let reached: Place = place;
  for (const entry of reader.entries(selection, place.id)) {
    const isFirst = entry.id === place.id;
    // a report that is there is printed already
    const isKnown = isFirst && entry.report !== undefined && place.lines === undefined;
    if (!isKnown) {
      const skip = isFirst ? place : {};
      reached = { id: entry.id, records: printer.print(entry, output.text, skip) };
    }
    output.flush();
    if (output.isFull) await output.drain();
    if (isStopped() || output.error !== undefined) return reached;
  }
  // entries up to the end had nothing; the last one may still grow
  return reached.id < end ? { id: end, records: 0 } : reached;
}

/** Where the last `lines` lines begin. Counts from the end, so that the whole of a long history is never read. */
export function placeOfLast(
  lines: number,
  { reader, selection, printer }: { reader: HistoryReader; selection: Selection; printer: Printer },
): Place & Skip {
  let left = lines;
  let first = 0;
  for (const entry of reader.entries(selection, reader.last.id, true)) {
    first = entry.id;
    const count = printer.count(entry);
    if (count >= left) return { id: first, records: 0, lines: count - left };
    left -= count;
  }
  return { id: first, records: 0, lines: 0 };
}
