/** The answer to `log`: events of the history, as much at a time as its receiver takes, and never in the way of storing. */
import { setTimeout as sleep } from "node:timers/promises";
import { TextBuffer } from "../../events/index.ts";
import { type HistoryEntry, HistoryError, HistoryReader, Selection } from "../../store/index.ts";
import { BEGINNING, placeOfLast, reportJson, StoredEvents } from "../../views/index.ts";
import type { ServiceEngine } from "../engine.ts";
import { EventForms } from "../outputs/event-forms.ts";
import { DONE, failure } from "../socket/answers.ts";
import { LastingAnswer, type LineSink } from "../socket/line-sink.ts";
import {
  type ErrorAnswer,
  type LogEnd,
  type LogRequest,
  MAX_LOGS,
  MAX_READING_LOGS,
} from "../socket/protocol.ts";
import type { Role } from "../socket/roles.ts";
import { queryOf } from "./event-filter.ts";

/** From this part of the ring on, storing events is more urgent than reading them again. */
const URGENT_SHARE = 1 / 8;
const PAUSE_MS = 20;

export class StoredLog {
  readonly #file: string;
  readonly #engine: Pick<ServiceEngine, "ring">;
  readonly #running: Record<Role, number> = { admin: 0, read: 0 };

  constructor(file: string, engine: Pick<ServiceEngine, "ring">) {
    this.#file = file;
    this.#engine = engine;
  }

  answer(request: LogRequest, role: Role): LastingAnswer | ErrorAnswer {
    const { admin, read } = this.#running;
    if (admin + read >= MAX_LOGS || (role === "read" && read >= MAX_READING_LOGS))
      return failure("machine", "busy", "too many ask for the history at once");
    const { filter = {}, sinceMs, untilMs, last } = request;
    const selection = new Selection({ ...queryOf(filter), sinceMs, untilMs });
    let reader: HistoryReader;
    try {
      reader = HistoryReader.open(this.#file);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      return failure("machine", error.code, error.message, error.hint);
    }
    this.#running[role]++;
    return new LastingAnswer(DONE, false, async (lines) => {
      try {
        return { end: await this.#send(reader, selection, last, lines) };
      } finally {
        reader.close();
        this.#running[role]--;
      }
    });
  }

  /** One entry at a time. */
  async #send(
    reader: HistoryReader,
    selection: Selection,
    last: number | undefined,
    lines: LineSink,
  ): Promise<LogEnd> {
    const forms = new EventForms();
    const out = new TextBuffer();
    const stored = new StoredEvents(reader, selection);
    const end = { events: 0, damaged: 0, unknown: 0 };
    const count = (entry: HistoryEntry): number => countOf(entry, stored, selection);
    const turn = (): Promise<boolean> => this.#turn(lines);
    const start =
      last === undefined
        ? { ...BEGINNING, lines: 0 }
        : await placeOfLast(last, reader, selection, count, turn);
    let skipped = start.lines;
    for (const entry of reader.entries(selection, start.id)) {
      out.clear();
      if (entry.report !== undefined) {
        const atUs = entry.firstUs;
        if (selection.holdsReport(entry.report, atUs) && skipped-- <= 0)
          out.string(`${reportJson(entry.report, atUs / 1000)}\n`);
      } else {
        forms.bootOffsetNs = entry.bootOffsetNs;
        const { damaged, unknown } = stored.visit(
          entry,
          ({ generation, bytes, offset, length }) => {
            if (skipped-- > 0) return;
            forms.of(generation).json.format(bytes, offset, length, out);
            end.events++;
          },
        );
        end.damaged += damaged;
        end.unknown += unknown;
      }
      if (out.length > 0) lines.write(Uint8Array.from(out.view()));
      if (!(await turn())) break;
    }
    return end;
  }

  /** Lets others have their turn, waits for the receiver, and while the ring fills. False: nobody receives any more. */
  async #turn(lines: LineSink): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    await lines.drained();
    const { ring } = this.#engine;
    while (!lines.isClosed && !ring.isClosed && ring.pendingBytes / ring.size > URGENT_SHARE)
      await sleep(PAUSE_MS);
    return !lines.isClosed;
  }
}

/** Lines that an entry has. */
function countOf(entry: HistoryEntry, stored: StoredEvents, selection: Selection): number {
  if (entry.report !== undefined) return selection.holdsReport(entry.report, entry.firstUs) ? 1 : 0;
  let lines = 0;
  stored.visit(entry, () => lines++);
  return lines;
}
