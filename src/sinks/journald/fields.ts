/**
 * journald's native protocol. A plain value is `NAME=value`; any other goes with its length, so that nothing in a file
 * name can end the field:
 *
 *   NAME \n | length u64 little endian | bytes | \n
 */
export type Field = readonly [name: string, value: string | number | null];

const PLAIN = /^[\x20-\x7e]*$/;
const LONE = /[\udc80-\udcff]/;

/** Fields without a value are left out. */
export function encodeFields(fields: readonly Field[]): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    if (value === null) continue;
    const text = String(value);
    if (PLAIN.test(text)) parts.push(Buffer.from(`${name}=${text}\n`));
    else parts.push(...encodeBinary(name, bytesOf(text)));
  }
  return Buffer.concat(parts);
}

function encodeBinary(name: string, bytes: Buffer): Buffer[] {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return [Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n")];
}

/** The bytes of a file name as they were: one that is not UTF-8 is U+DC00 + byte in an event. */
function bytesOf(text: string): Buffer {
  if (!LONE.test(text)) return Buffer.from(text);
  const parts = [...text].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    const isByte = code >= 0xdc80 && code <= 0xdcff;
    return isByte ? Buffer.from([code - 0xdc00]) : Buffer.from(character);
  });
  return Buffer.concat(parts);
}
