/** Prints events as the service stores them, over its restarts and when it begins a new file. */
import { setTimeout as sleep } from "node:timers/promises";
import { escapeControls } from "../../base/escape.ts";
import type { HistoryReader, Selection } from "../../store/index.ts";
import { HistoryFollower, type StoredPlace } from "../../views/index.ts";
import { printNotice } from "../notice.ts";
import type { OutputBuffer } from "../output-buffer.ts";
import type { Form } from "./form.ts";
import { printFrom } from "./listing.ts";
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
  readonly place: StoredPlace;
}

/** `from` undefined: there is no history yet. Closes its reader. */
export async function follow(
  from: Followed | undefined,
  output: OutputBuffer,
  { file, selection, form, isStopped }: FollowOptions,
): Promise<void> {
  const follower = new HistoryFollower(file, from);
  let { reader: printed, printer } = from ?? {};
  const read = (reader: HistoryReader, place: StoredPlace): Promise<StoredPlace> => {
    if (reader !== printed || printer === undefined) {
      printed = reader;
      printer = new Printer(reader, selection, form);
    }
    return printFrom(place, { reader, printer, selection }, output, isStopped);
  };
  try {
    while (!isStopped() && output.error === undefined) {
      const error = await follower.poll(read);
      if (error !== undefined)
        printNotice("sct log", `${escapeControls(error.message)}; waiting for a new one`);
      output.flush();
      await sleep(POLL_MS);
    }
  } finally {
    follower.close();
  }
}
