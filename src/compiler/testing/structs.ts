/** Structs as programs give them to calls. */
import { AF_INET, AF_INET6, AF_UNIX } from "../../base/linux-abi.ts";

/** struct sockaddr_in; the address as hexadecimal digits. */
export function inetAddress(address: string, port: number): Uint8Array {
  return sockaddr(AF_INET, port, 16, (bytes) => bytes.write(address, 4, "hex"));
}

/** struct sockaddr_in6. */
export function inet6Address(address: string, port: number): Uint8Array {
  return sockaddr(AF_INET6, port, 28, (bytes) => bytes.write(address, 8, "hex"));
}

/** struct sockaddr_un. */
export function unixAddress(path: string): Uint8Array {
  return sockaddr(AF_UNIX, 0, 110, (bytes) => bytes.write(path, 2, "latin1"));
}

function sockaddr(
  family: number,
  port: number,
  size: number,
  write: (bytes: Buffer) => void,
): Uint8Array {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt16LE(family, 0);
  bytes.writeUInt16BE(port, 2);
  write(bytes);
  return bytes;
}

/** Words of 8 bytes, or of 4 for 32-bit programs. */
export function words(values: readonly (number | bigint)[], size: 4 | 8 = 8): Uint8Array {
  const bytes = Buffer.alloc(values.length * size);
  values.forEach((value, i) => {
    const bits = BigInt.asUintN(size * 8, BigInt(value));
    if (size === 8) bytes.writeBigUInt64LE(bits, i * 8);
    else bytes.writeUInt32LE(Number(bits), i * 4);
  });
  return bytes;
}
