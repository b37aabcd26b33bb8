/** When the call was seen, RFC 3339 with nanoseconds: as in JSON lines, and alone for headers of messages. */
import { RecordOffset } from "../layout.ts";
import type { Site } from "../site.ts";
import type { FormatContext } from "./context.ts";
import type { Writer } from "./param.ts";
import { RecordFormatter } from "./record-formatter.ts";
import { compileTimeFormat } from "./strftime.ts";

export class TimestampFormatter extends RecordFormatter {
  constructor(sites: readonly Site[], context: FormatContext) {
    super(sites, context, (_, given) => compileTimestamp(given));
  }
}

export function compileTimestamp({ clock }: FormatContext): Writer {
  const write = compileTimeFormat("ISO");
  return (record, out) => {
    clock.set(record.u32(RecordOffset.time), record.u32(RecordOffset.time + 4));
    write(clock, out);
  };
}
