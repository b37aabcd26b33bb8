/** Records as they lie in a ring. */

/** Bytes of a record header; its value is part of the kernel's interface (BPF_RINGBUF_HDR_SZ). */
export const RECORD_HEADER = 8;
export const LENGTH_MASK = 0x3fffffff;

/** Bytes that a record of `length` data bytes takes in the ring. */
export function recordBytes(length: number): number {
  return (length + RECORD_HEADER + 7) & ~7;
}
