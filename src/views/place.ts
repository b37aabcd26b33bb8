/** How far a history is read. */
import type { HistoryEntry, HistoryReader, Selection } from "../store/index.ts";

/** What has been handed over or passed over: all before the entry, and so many of its records. */
export interface StoredPlace {
  readonly id: number;
  readonly records: number;
}

export const BEGINNING: StoredPlace = { id: 0, records: 0 };

/** Behind what is there now. */
export function endOf(reader: HistoryReader): StoredPlace {
  const { id, count } = reader.last;
  return { id, records: count };
}

/** A place, and how many lines of its entry are not wanted. */
export interface StartOfLines extends StoredPlace {
  readonly lines: number;
}

/**
 * Where the last `lines` lines begin; `count` says how many an entry has. Counts from the end, so that the whole of a
 * long history is never read. `turn` runs after each entry; false: it is not wanted any more.
 */
export async function placeOfLast(
  lines: number,
  reader: HistoryReader,
  selection: Selection,
  count: (entry: HistoryEntry) => number,
  turn: () => Promise<boolean> = async () => true,
): Promise<StartOfLines> {
  let left = lines;
  let first = 0;
  for (const entry of reader.entries(selection, reader.last.id, true)) {
    first = entry.id;
    const has = count(entry);
    if (has >= left) return { id: first, records: 0, lines: has - left };
    left -= has;
    if (!(await turn())) break;
  }
  return { id: first, records: 0, lines: 0 };
}
