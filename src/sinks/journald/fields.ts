/**
 * journald's native protocol. A plain value is `NAME=value`; any other goes with its length, so that nothing in a file
 * name can end the field:
 *
 *   NAME \n | length u64 little endian | bytes | \n
 */
import { encodeText } from "../../events/index.ts";

export type JournalField = readonly [name: string, value: string | number | null];

const PLAIN = /^[\x20-\x7e]*$/;

/** Fields without a value are left out. */
export function encodeFields(fields: readonly JournalField[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const [name, value] of fields) {
    if (value === null) continue;
    const text = String(value);
    if (PLAIN.test(text)) parts.push(Buffer.from(`${name}=${text}\n`));
    else parts.push(...encodeBinary(name, encodeText(text)));
  }
  return Buffer.concat(parts);
}

function encodeBinary(name: string, bytes: Uint8Array): Uint8Array[] {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return [Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n")];
}
