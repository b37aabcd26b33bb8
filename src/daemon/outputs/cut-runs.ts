/** Records in pieces that are shared: small enough that none keeps anybody waiting, nor much memory in use. */
import { RingStream } from "../../events/index.ts";

const RUN_BYTES = 64 << 10;

/** Where the next piece from `start` on ends, of at most `most` records, one in any case; and its records. */
export function cutRun(
  bytes: Uint8Array,
  start: number,
  most = Number.POSITIVE_INFINITY,
): { readonly end: number; readonly count: number } {
  const records = new RingStream(bytes.subarray(start));
  let end = 0;
  let count = 0;
  while (count < most && records.next()) {
    if (count > 0 && records.end > RUN_BYTES) break;
    end = records.end;
    count++;
  }
  return { end: start + end, count };
}

/** Where the record with this number begins. */
export function startOfRecord(bytes: Uint8Array, index: number): number {
  const records = new RingStream(bytes);
  for (let i = 0; i < index; i++) if (!records.next()) break;
  return records.end;
}
