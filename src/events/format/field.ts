/** `%param2.sin_port` where the record has the bytes of the member rather than their text: so kernel programs write it. */
import { formatField } from "../field-macro.ts";
import { TailStatus } from "../layout.ts";
import type { Macro } from "../macro.ts";
import type { Site } from "../site.ts";
import { NONE, UNREADABLE, type Writer } from "./param.ts";

/** `asText` writes the member where the record has its text. */
export function compileField(site: Site, macro: Macro, place: number, asText: Writer): Writer {
  return (record, out) => {
    const slot = record.fieldSlot(place);
    const status = record.objectStatus(slot);
    if (status < 0) {
      asText(record, out);
      return;
    }
    if (status === TailStatus.unreadable) {
      out.append(UNREADABLE);
      return;
    }
    const bytes = record.memory.subarray(record.objectStart(slot), record.objectEnd(slot));
    const text =
      status === TailStatus.ok ? formatField(bytes, macro, site.presentation) : undefined;
    if (text === undefined) out.append(NONE);
    else out.string(text);
  };
}
