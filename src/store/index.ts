/** The door of this room: events are kept here and found again. */
export type {
  Append,
  HistoryCounters,
  HistoryOptions,
  Report,
  StoredGeneration,
} from "./contract.ts";
export { History } from "./history.ts";
