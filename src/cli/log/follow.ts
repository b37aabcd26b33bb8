/** Prints events as the service stores them, over its restarts and when it begins a new file. */
import { setTimeout as sleep } from "node:timers/promises";
import { escapeControls } from "../../base/escape.ts";
import {
  HistoryError,
  HistoryReader,
  identityOf,
  isDamaged,
  type Selection,
} from "../../store/index.ts";
import type { Output } from "../output.ts";
import type { Form } from "./form.ts";
import { type Place, printFrom } from "./listing.ts";
import { Printer } from "./printer.ts";

/** How late an event may be shown. */
const POLL_MS = 100;

export interface FollowOptions {
  readonly file: string;
  readonly selection: Selection;
  readonly form: Form;
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
  let damaged: string | undefined;
  const { file } = options;
  try {
    while (!options.isStopped() && output.error === undefined) {
      try {
        const next =
          (current === undefined || current.reader.isReplaced) && identityOf(file) !== damaged
            ? tryOpen(options)
            : undefined;
        if (current !== undefined) {
          const now = current.reader.version;
          // what the file got before another took its place comes before that one's
          if (now !== version || next !== undefined) current = await goOn(current, output, options);
          version = now;
        }
        if (next !== undefined) {
          current?.reader.close();
          current = next;
          version = -1;
        }
      } catch (error) {
        if (!isDamaged(error)) throw error;
        // the service meets it, too, and begins a new file, which is followed then
        process.stderr.write(`sct log: ${escapeControls(error.message)}; waiting for a new one\n`);
        current?.reader.close();
        current = undefined;
        damaged = identityOf(file);
      }
      output.flush();
      await sleep(POLL_MS);
    }
  } finally {
    current?.reader.close();
  }
}

/** Prints what has come since. */
async function goOn(
  { reader, printer, place }: Followed,
  output: Output,
  { selection, isStopped }: FollowOptions,
): Promise<Followed> {
  const source = { reader, printer, selection };
  return { reader, printer, place: await printFrom(place, source, output, isStopped) };
}

/** Undefined: there is none, or it is not ready. */
function tryOpen({ file, selection, form }: FollowOptions): Followed | undefined {
  try {
    const reader = HistoryReader.open(file);
    return {
      reader,
      printer: new Printer(reader, selection, form),
      place: { id: 0, records: 0 },
    };
  } catch (error) {
    // the service is about to make it, or to move a damaged one aside
    if (error instanceof HistoryError && error.code !== "privilege") return undefined;
    throw error;
  }
}
