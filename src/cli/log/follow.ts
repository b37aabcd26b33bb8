/** Prints events as the service stores them, over its restarts and when it begins a new file. */
import { setTimeout as sleep } from "node:timers/promises";
import { HistoryError, HistoryReader, type Selection } from "../../store/index.ts";
import type { Output } from "../output.ts";
import { type Place, printFrom } from "./listing.ts";
import { Printer } from "./printer.ts";

/** How late an event may be shown. */
const POLL_MS = 100;

export interface FollowOptions {
  readonly file: string;
  readonly selection: Selection;
  readonly isJson: boolean;
  readonly isStopped: () => boolean;
}

/** An open history and how far it is printed. */
export interface Followed {
  readonly reader: HistoryReader;
  readonly printer: Printer;
  readonly place: Place;
}

/** `from` undefined: there is no history yet. Closes its reader. */
export async function follow(
  from: Followed | undefined,
  output: Output,
  options: FollowOptions,
): Promise<void> {
  let current = from;
  let version = -1;
  try {
    while (!options.isStopped() && output.error === undefined) {
      if (current === undefined || current.reader.isReplaced) {
        const next = tryOpen(options);
        if (next !== undefined) {
          current?.reader.close();
          current = next;
          version = -1;
        }
      }
      if (current !== undefined) {
        const { reader, printer } = current;
        const now = reader.version;
        if (now !== version) {
          version = now;
          const source = { reader, printer, selection: options.selection };
          const place = await printFrom(current.place, source, output, options.isStopped);
          current = { reader, printer, place };
        }
      }
      output.flush();
      await sleep(POLL_MS);
    }
  } finally {
    current?.reader.close();
  }
}

/** Undefined: there is none, or it is not ready. */
function tryOpen({ file, selection, isJson }: FollowOptions): Followed | undefined {
  try {
    const reader = HistoryReader.open(file);
    return {
      reader,
      printer: new Printer(reader, selection, isJson),
      place: { id: 0, records: 0 },
    };
  } catch (error) {
    // the service is about to make it, or to move a damaged one aside
    if (error instanceof HistoryError && error.code !== "privilege") return undefined;
    throw error;
  }
}
