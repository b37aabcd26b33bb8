/**
 * Gives the memory of bytes back at once. The garbage collector lets a hundred megabytes of them gather, because its own
 * heap stays small. Nobody may use them afterwards, neither the system.
 */

/** Node's pool of small buffers, which is not ours to free. */
const POOL_BYTES = 64 << 10;

export function freeMemory({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > POOL_BYTES) buffer.transfer(0);
}

/** The same for bytes that were made as an array of their own, which is in no pool. */
export function freeOwn({ buffer }: Uint8Array | Int32Array | Uint32Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
