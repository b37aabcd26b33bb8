/**
 * Memory of another process through process_vm_readv(2) and process_vm_writev(2). Needs the right to trace it.
 * Addresses are Numbers: user space ends below 2^47 (2^56 with five-level tables, which nobody gets unasked).
 */
import { syscall } from "../kernel.ts";
import { Memory } from "../memory.ts";
import { X64 } from "./number.ts";

const PAGE = 4096;
const CHUNK = 256;
/** Two iovecs, then the transfer buffer. */
const BUFFER_AT = 32;

export interface TextRead {
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
}

export class ProcessMemory {
  readonly #memory: Memory;
  readonly #capacity: number;

  /** `capacity`: most bytes of one transfer. */
  constructor(capacity = 64 * 1024) {
    this.#capacity = capacity;
    this.#memory = Memory.allocate(BUFFER_AT + capacity);
  }

  /** Exactly `size` bytes, or undefined. */
  read(tid: number, address: number, size: number): Uint8Array | undefined {
    if (size > this.#capacity) return undefined;
    if (size === 0) return new Uint8Array(0);
    if (this.#transfer(X64.process_vm_readv, tid, address, size) !== size) return undefined;
    return this.#memory.bytes.slice(BUFFER_AT, BUFFER_AT + size);
  }

  /** True if all bytes were written. */
  write(tid: number, address: number, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true;
    if (bytes.length > this.#capacity) return false;
    this.#memory.bytes.set(bytes, BUFFER_AT);
    return this.#transfer(X64.process_vm_writev, tid, address, bytes.length) === bytes.length;
  }

  /** Text up to its NUL or `limit` bytes; read by pieces that do not cross pages, since the next may be absent. */
  readText(tid: number, address: number, limit: number): TextRead | undefined {
    let text: Uint8Array | undefined;
    let at = address;
    let want = CHUNK;
    while (true) {
      const size = Math.min(want, PAGE - (at % PAGE));
      const count = this.#transfer(X64.process_vm_readv, tid, at, size);
      if (count <= 0) return undefined;
      const piece = this.#memory.bytes.subarray(BUFFER_AT, BUFFER_AT + count);
      const end = piece.indexOf(0);
      const found = end < 0 ? piece : piece.subarray(0, end);
      text = text === undefined ? found.slice() : join(text, found);
      if (text.length > limit) return { bytes: text.subarray(0, limit), truncated: true };
      if (end >= 0) return { bytes: text, truncated: false };
      at += count;
      want = PAGE;
    }
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

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
