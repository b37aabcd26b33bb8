/** Keeps the map of identities up to date: which device and inode the literal paths of rules name now. */
import { type BigIntStats, statSync } from "node:fs";
import type { BpfMap } from "../../bpf/index.ts";

/** Bytes of one (device, inode) pair. */
const PAIR_SIZE = 16;

/** Writes the current pairs; a path that names nothing gets device 0, which matches no file. */
export function writeIdentities(map: BpfMap, paths: readonly string[]): void {
  const value = Buffer.alloc(paths.length * PAIR_SIZE);
  paths.forEach((path, i) => {
    const stat = identify(path);
    if (stat === undefined) return;
    value.writeBigUInt64LE(kernelDevice(stat.dev), i * PAIR_SIZE);
    value.writeBigUInt64LE(stat.ino, i * PAIR_SIZE + 8);
  });
  map.update(0, value);
}

/** Undefined where the path leads nowhere: no such entry, a loop, a name too long. */
function identify(path: string): BigIntStats | undefined {
  try {
    return statSync(Buffer.from(path, "latin1"), { bigint: true });
  } catch {
    return undefined;
  }
}

/** From the number that stat(2) gives (glibc's makedev) to the kernel's own: major << 20 | minor. */
export function kernelDevice(device: bigint): bigint {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffffffffn);
  return (major << 20n) | minor;
}
