/**
 * How far each output is, recorded in the history: the next service continues from there. After a kill it is what was
 * written last, so events of about a second may be handed over again, and none is left out.
 */
import { isBefore, type Rest, type StoredPosition } from "../../sinks/index.ts";
import type { EntryReader, History } from "../../store/index.ts";

/** As it is written. */
interface State {
  readonly v: 1;
  readonly ranges: Rest["ranges"];
  readonly untold: Rest["untold"];
  /** Behind the last event that the service had stored then. */
  readonly end: StoredPosition;
}

const VERSION = 1;

export class OutputStates {
  readonly #history: History;
  #written = "";

  constructor(history: History) {
    this.#history = history;
  }

  /** What outputs of a service before did not hand over, as far as it is still stored. */
  read(): ReadonlyMap<string, Rest> {
    const found = this.#history.access((entries) => {
      const rests = new Map<string, Rest>();
      for (const [name, text] of entries.outputs.read()) {
        const state = parse(text);
        if (state !== undefined) rests.set(name, extend(state, entries));
      }
      return rests;
    });
    return found ?? new Map();
  }

  /** False: it cannot be written at present. */
  write(rests: ReadonlyMap<string, Rest>): boolean {
    const isWritten = this.#history.access((entries) => {
      const end = entries.last;
      const states = new Map<string, string>();
      for (const [name, { ranges, untold }] of rests)
        states.set(name, JSON.stringify({ v: VERSION, ranges, untold, end } satisfies State));
      const text = JSON.stringify([...states]);
      if (text !== this.#written) entries.outputs.write(states);
      this.#written = text;
      return true;
    });
    return isWritten ?? false;
  }
}

/** What is damaged says nothing. */
function parse(text: string): State | undefined {
  try {
    const state = JSON.parse(text) as Partial<State> | null;
    const { v, ranges, untold, end } = state ?? {};
    if (v !== VERSION || !Array.isArray(ranges) || untold === undefined) return undefined;
    const isWhole =
      isPosition(end) &&
      ranges.every(({ from, to, ...rest }) => {
        return isPosition(from) && isPosition(to) && areNumbers(rest.events, rest.bytes);
      }) &&
      areNumbers(untold.total, ...Object.values(untold.rules));
    return isWhole ? { v, ranges, untold, end } : undefined;
  } catch {
    return undefined;
  }
}

function isPosition(position: Partial<StoredPosition> | undefined): position is StoredPosition {
  return areNumbers(position?.entry, position?.first);
}

function areNumbers(...values: readonly unknown[]): boolean {
  return values.every((value) => Number.isFinite(value));
}

/** With what was stored later: a service that was killed could not write that. */
function extend({ ranges, untold, end: from }: State, entries: EntryReader): Rest {
  const to = entries.last;
  if (!isBefore(from, to)) return { ranges, untold };
  const events = entries.count(from.entry, to.entry) - from.first;
  const later = { kind: "stored", from, to, events, bytes: 0, isExact: false } as const;
  return { ranges: [...ranges, later], untold };
}
