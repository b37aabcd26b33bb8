/** Memory below 4 GiB with known content, so that calls of both ABIs can point into it; both sides read the same bytes. */
import type { StringRead } from "../../src/language/index.ts";

const MAX_STRING = 4096;
/** Address of a page that is not mapped, seen from either ABI. */
export const HOLE = 0x1000;
export const NOWHERE_SIZE = 0x1000_0000;

export class Arena {
  readonly address: number;
  /** Start of 256 MiB below 4 GiB that nobody can read. */
  readonly nowhere: number;
  readonly bytes: Uint8Array;
  #used = 0;

  constructor(address: number, bytes: Uint8Array, nowhere: number) {
    this.address = address;
    this.bytes = bytes;
    this.nowhere = nowhere;
  }

  clear(): void {
    this.#used = 0;
  }

  /** Places bytes, 8-aligned; returns their address. */
  place(bytes: Uint8Array): number {
    const at = (this.#used + 7) & ~7;
    if (at + bytes.length > this.bytes.length) throw new Error("arena is full");
    this.bytes.set(bytes, at);
    this.#used = at + bytes.length;
    return this.address + at;
  }

  /** Places bytes at the very end; returns their address. */
  placeLast(bytes: Uint8Array): number {
    const at = this.bytes.length - bytes.length;
    this.bytes.set(bytes, at);
    return this.address + at;
  }

  /** Bytes from there on, at most `size`; none outside of the arena. */
  readable(address: bigint, size: number): Uint8Array {
    const at = Number(address) - this.address;
    if (at < 0 || at >= this.bytes.length) return new Uint8Array();
    return this.bytes.subarray(at, at + size);
  }

  read(address: bigint, size: number): Uint8Array | undefined {
    const bytes = this.readable(address, size);
    return bytes.length < size ? undefined : bytes.slice();
  }

  readString(address: bigint): StringRead | undefined {
    const bytes = this.readable(address, this.bytes.length);
    const end = bytes.indexOf(0);
    if (end < 0) return undefined;
    return { bytes: bytes.slice(0, Math.min(end, MAX_STRING)), truncated: end > MAX_STRING };
  }
}
