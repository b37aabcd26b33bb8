/**
 * What the next process must find, whatever becomes of disks: a text in a map that is pinned beside the rules. One call
 * writes it, which a kill does not cut.
 *
 *   | u32 1: written | u32 length | UTF-8 text |
 */
import { unlinkSync } from "node:fs";
import { type BpfMap, isOfShape, openMap, openPinnedMap } from "../../bpf/index.ts";
import { ENOENT, SyscallError } from "../../sys/index.ts";

const SPEC = { name: "sct_note", type: "array", valueSize: 64 << 10, maxEntries: 1 } as const;
const HEADER = 8;
/** Bytes of UTF-8. */
export const LONGEST_NOTE = SPEC.valueSize - HEADER;

export class KernelNote {
  #map: BpfMap | undefined;

  private constructor(map: BpfMap) {
    this.#map = map;
  }

  /** The one that is pinned at `path`, or a new one, also where that of another version has another size. Throws SyscallError. */
  static open(path: string): KernelNote {
    const known = openIfPinned(path);
    if (known !== undefined) return new KernelNote(known);
    const map = openMap(SPEC);
    try {
      map.pin(path);
      return new KernelNote(map);
    } catch (error) {
      map.close();
      throw error;
    }
  }

  /** Undefined: nothing was ever written. */
  read(): string | undefined {
    const value = Buffer.from(this.#map?.lookup(0) ?? []);
    if (value.length === 0 || value.readUInt32LE() === 0) return undefined;
    return value.toString("utf8", HEADER, HEADER + value.readUInt32LE(4));
  }

  /** False, and nothing has changed: it is longer than LONGEST_NOTE, the kernel has no memory, or the note is closed. */
  write(text: string): boolean {
    const length = Buffer.byteLength(text);
    if (length > LONGEST_NOTE || this.#map === undefined) return false;
    const value = Buffer.alloc(SPEC.valueSize);
    value.writeUInt32LE(1);
    value.writeUInt32LE(length, 4);
    value.write(text, HEADER);
    try {
      this.#map.update(0, value);
      return true;
    } catch (error) {
      if (error instanceof SyscallError) return false;
      throw error;
    }
  }

  /** Throws SyscallError. */
  pin(path: string): void {
    this.#map?.pin(path);
  }

  close(): void {
    this.#map?.close();
    this.#map = undefined;
  }
}

function openIfPinned(path: string): BpfMap | undefined {
  let map: BpfMap;
  try {
    map = openPinnedMap(SPEC, path);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === ENOENT) return undefined;
    throw error;
  }
  if (isOfShape(map)) return map;
  map.close();
  unlinkSync(path);
  return undefined;
}
