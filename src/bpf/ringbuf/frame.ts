/**
 * How a record lies in a BPF ring buffer, part of the kernel's interface (include/uapi/linux/bpf.h, since 5.8):
 *
 *   | u32: busy 31, discarded 30, length 29..0 | u32 page offset | data | padding to 8 |
 *
 * Imports nothing: all readers of such bytes, live or stored, take these facts from here.
 */

/** Bytes in front of the data of a record (BPF_RINGBUF_HDR_SZ). */
export const FRAME_HEADER = 8;
const DISCARDED = 0x4000_0000;
const LENGTH_MASK = 0x3fff_ffff;

/** Bytes of data of a record, by the first word of its header. */
export function dataLength(header: number): number {
  return header & LENGTH_MASK;
}

/** Whether the program that reserved the record gave it up: it holds nothing. */
export function isDiscarded(header: number): boolean {
  return (header & DISCARDED) !== 0;
}

/** Bytes that a record of `length` bytes of data takes, with header and padding. */
export function frameBytes(length: number): number {
  return (length + FRAME_HEADER + 7) & ~7;
}
