/** The door of this room: events are kept here and found again. */
export { moveAside } from "./aside.ts";
export type {
  Append,
  HistoryCounters,
  HistoryOptions,
  HistoryWatcher,
  Note,
  Placement,
  Report,
  StoredGeneration,
} from "./contract.ts";
export { HistoryError, identityOf, isDamaged } from "./database/history-error.ts";
export type { EntryReader, StoredEntry } from "./entry-reader.ts";
export { History } from "./history.ts";
export { type HistoryEntry, HistoryReader } from "./history-reader.ts";
export { type Query, Selection } from "./selection.ts";
export type { KnownGeneration } from "./stored-generations.ts";
