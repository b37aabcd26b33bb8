/** Which error a return value means. */
import { MAX_ERRNO } from "../../base/linux-abi.ts";
import { RecordOffset } from "../layout.ts";
import type { RecordReader } from "../record-reader.ts";
import type { EventNames } from "./context.ts";

export function errorName(record: RecordReader, names: EventNames): string | undefined {
  const low = record.i32(RecordOffset.retval);
  const high = record.i32(RecordOffset.retval + 4);
  if (high !== -1 || low >= 0 || low < -MAX_ERRNO) return undefined;
  return names.errnoName(-low);
}
