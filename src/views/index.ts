/** The door of this room: what terminal and console show, as data. */
export { FIELDS, type FieldValue, isStrangersText } from "./event-fields.ts";
export { HistoryFollower, openIfReady } from "./history-follower.ts";
export { BEGINNING, endOf, placeOfLast, type StoredPlace } from "./place.ts";
export { type Order, RateTable, type Row } from "./rates.ts";
export { reportJson } from "./report-json.ts";
export { StoredEvents, type Visited, type VisitedEvent } from "./stored-events.ts";
export { type Frame, type RuleRow, reorder } from "./top-frame.ts";
export { TopModel } from "./top-model.ts";
export type { TopCounters, TopSink, TopSource } from "./top-source.ts";
export { ValueCounts } from "./value-counts.ts";
