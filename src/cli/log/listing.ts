/** Prints what a history holds, in the order in which it came. */
import type { HistoryReader, Selection } from "../../store/index.ts";
import type { StoredPlace } from "../../views/index.ts";
import type { OutputBuffer } from "../output-buffer.ts";
import type { Printer, Skip } from "./printer.ts";

/**
 * Prints entries from `place` on and returns the place behind them. Waits for a slow reader of the output; ends early
 * when `isStopped` says so or nothing can be written.
 */
export async function printFrom(
  place: StoredPlace & Skip,
  source: { reader: HistoryReader; selection: Selection; printer: Printer },
  output: OutputBuffer,
  isStopped: () => boolean = () => false,
): Promise<StoredPlace> {
  const { reader, selection, printer } = source;
  const end = reader.last.id;
  let reached: StoredPlace = place;
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
