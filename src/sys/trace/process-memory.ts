/**
 * Memory of another process through process_vm_readv(2) and process_vm_writev(2). Needs the right to trace it.
 * Addresses are Numbers: user space ends below 2^47 (2^56 with five-level tables, which nobody gets unasked).
 */
import { PAGE_SIZE } from "../../base/linux-abi.ts";
import { syscall } from "../kernel.ts";
import { Memory } from "../memory.ts";
import { X64 } from "./number.ts";

const CHUNK = 256;
/** Two iovecs, then the transfer buffer. */
const BUFFER_AT = 32;

export interface TextRead {
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
}

export class ProcessMemory {
  readonly #memory: Memory;
  /** Most bytes of one transfer. */
  readonly capacity: number;

  constructor(capacity = 64 * 1024) {
    this.capacity = capacity;
    this.#memory = Memory.allocate(BUFFER_AT + capacity);
  }

  /** Exactly `size` bytes, or undefined. */
  read(tid: number, address: number, size: number): Uint8Array | undefined {
    if (size <= this.capacity) {
      const bytes = this.#transferIn(tid, address, size);
      return bytes?.length === size ? bytes.slice() : undefined;
    }
    // its end first: a request for more than is there is not worth the memory
    if (this.#transferIn(tid, address + size - 1, 1) === undefined) return undefined;
    const all = new Uint8Array(size);
    for (let at = 0; at < size; at += this.capacity) {
      const want = Math.min(this.capacity, size - at);
      const bytes = this.#transferIn(tid, address + at, want);
      if (bytes?.length !== want) return undefined;
      all.set(bytes, at);
    }
    return all;
  }

  /** As many of `wanted` bytes as there are and fit here, at least one; the next transfer overwrites them. */
  #transferIn(tid: number, address: number, wanted: number): Uint8Array | undefined {
    // a program says how many, which may be any number: the kernel would write behind our memory
    const size = Math.min(wanted, this.capacity);
    if (!(size > 0)) return wanted === 0 ? new Uint8Array(0) : undefined;
    const count = this.#transfer(X64.process_vm_readv, tid, address, size);
    return count <= 0 ? undefined : this.#memory.bytes.subarray(BUFFER_AT, BUFFER_AT + count);
  }

  /** True if all bytes were written. */
  write(tid: number, address: number, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true;
    if (bytes.length > this.capacity) return false;
    this.#memory.bytes.set(bytes, BUFFER_AT);
    return this.#transfer(X64.process_vm_writev, tid, address, bytes.length) === bytes.length;
  }

  /** Text up to its NUL or `limit` bytes; read by growing pieces, of which there may be less than asked for. */
  readText(tid: number, address: number, limit: number): TextRead | undefined {
    const pieces: Uint8Array[] = [];
    let length = 0;
    let want = CHUNK;
    const short = limit < CHUNK ? undefined : this.#readShort(tid, address);
    if (short !== undefined) return { bytes: short, truncated: false };
    while (true) {
      const piece = this.readSome(tid, address + length, want);
      if (piece === undefined) return undefined;
      const end = piece.indexOf(0);
      pieces.push((end < 0 ? piece : piece.subarray(0, end)).slice());
      length += end < 0 ? piece.length : end;
      if (length > limit)
        return { bytes: join(pieces, length).subarray(0, limit), truncated: true };
      if (end >= 0) return { bytes: join(pieces, length), truncated: false };
      want = Math.min(want * 8, this.capacity);
    }
  }

  /** Most texts: with as few views as can be. Undefined: it is longer, or ends in another page. */
  #readShort(tid: number, address: number): Uint8Array | undefined {
    const count = this.#transfer(X64.process_vm_readv, tid, address, CHUNK);
    if (count <= 0) return undefined;
    const { bytes } = this.#memory;
    const end = bytes.indexOf(0, BUFFER_AT);
    return end >= 0 && end < BUFFER_AT + count ? bytes.slice(BUFFER_AT, end) : undefined;
  }

  /** What there is of `size` bytes and fits into one transfer, at least one byte; the next transfer overwrites it. */
  readSome(tid: number, address: number, size: number): Uint8Array | undefined {
    const bytes = this.#transferIn(tid, address, size);
    const toPageEnd = PAGE_SIZE - (address % PAGE_SIZE);
    // the next page may be absent
    return bytes ?? (size > toPageEnd ? this.#transferIn(tid, address, toPageEnd) : undefined);
  }

  #transfer(nr: number, tid: number, address: number, size: number): number {
    const { view } = this.#memory;
    const base = this.#memory.address;
    setAddress(view, 0, base + BUFFER_AT);
    setAddress(view, 8, size);
    setAddress(view, 16, address);
    setAddress(view, 24, size);
    return syscall(nr, tid, base, 1, base + 16, 1, 0);
  }

  close(): void {
    this.#memory.free();
  }
}

const TWO_32 = 4_294_967_296;

/** Stores a non-negative Number as 64 bits. */
export function setAddress(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % TWO_32, true);
  view.setUint32(at + 4, Math.floor(value / TWO_32), true);
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
