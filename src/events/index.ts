/** The door of this room: records in, lines and objects out. */
export { EventDecoder } from "./decode.ts";
export { encodeCall } from "./encode-record.ts";
export { quoted } from "./escape.ts";
export type { EventFlag, SctEvent } from "./event.ts";
export { extraMacros, type Macro, MOST_EXTRA_MACROS, readExtraMacro } from "./extra-macros.ts";
export type { EventNames, FormatContext } from "./format/context.ts";
export { JsonFormatter } from "./format/json.ts";
export { formatLoss, formatThrottled, type LossReport } from "./format/loss.ts";
export { compileLine, DatedTextFormatter, TextFormatter } from "./format/text.ts";
export { TimestampFormatter } from "./format/timestamp.ts";
export { formatCall } from "./format-call.ts";
export { decodeText, encodeText } from "./json-string.ts";
export { LossTracker } from "./loss.ts";
export { RecordError, RecordReader } from "./record-reader.ts";
export { DamageError, RingStream } from "./ring-stream.ts";
export type { Site } from "./site.ts";
export { TextBuffer } from "./text-buffer.ts";
export { WallClock } from "./wall-clock.ts";
