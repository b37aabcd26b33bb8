/** Numbers and addresses from bytes of memory; what they are when they are not there. */
import type { CallView } from "../call-view.ts";

/** Why a value is not there. `absent` makes the atom around it false, `unreadable` leaves it open. */
export type Missing = "absent" | "unreadable";

export function fromBytes(bytes: Uint8Array, bigEndian = false): bigint {
  let value = 0n;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[bigEndian ? i : bytes.length - 1 - i] ?? 0;
    value = (value << 8n) | BigInt(byte);
  }
  return value;
}

/** Pointers of 32-bit programs wrap at 4 GiB. */
export function addressOn({ wordSize }: Pick<CallView, "wordSize">, value: bigint): bigint {
  return BigInt.asUintN(wordSize * 8, value);
}

/** An IPv4 address that is mapped into IPv6 (::ffff:a.b.c.d) as the IPv4 address that it is. */
export function plainAddress(bytes: Uint8Array): Uint8Array {
  const isMapped =
    bytes.length === 16 && bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
  return isMapped ? bytes.subarray(12) : bytes;
}
