/** Puts a record into the frame that it has in a ring, for tests. */
import { FRAME_HEADER, frameBytes } from "../../bpf/ringbuf/frame.ts";

/** Bit of the header of a record that its program gave up. */
export const DISCARDED = 0x4000_0000;

/** A record with its header, which has these bits beside the length, and padding. */
export function frame(record: Uint8Array, bits = 0): Uint8Array {
  const bytes = new Uint8Array(frameBytes(record.length));
  new DataView(bytes.buffer).setUint32(0, (record.length | bits) >>> 0, true);
  bytes.set(record, FRAME_HEADER);
  return bytes;
}
