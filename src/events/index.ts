/** The door of this room: records in, lines and objects out. */
export { EventDecoder } from "./decode.ts";
export { encodeCall } from "./encode-record.ts";
export type { EventFlag, SctEvent } from "./event.ts";
export type { EventNames, FormatContext, SymbolContext } from "./format/context.ts";
export { JsonFormatter } from "./format/json.ts";
export { formatLoss } from "./format/loss.ts";
export { compileLine, TextFormatter, unprintableMacros } from "./format/text.ts";
export { LossTracker } from "./loss.ts";
export { RecordReader } from "./record-reader.ts";
export type { Site } from "./site.ts";
export { TextBuffer } from "./text-buffer.ts";
export { WallClock } from "./wall-clock.ts";
