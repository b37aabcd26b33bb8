/**
 * Index over the bytes of a BTF blob: where each type starts, and types by name. One pass, no objects per type.
 * The bytes are not trusted: every offset is checked when the table is made, so later reads stay inside.
 */
import { freeMemory, freeOwn } from "../../base/free-memory.ts";
import { BTF_HEADER_SIZE, BTF_MAGIC, BTF_TYPE_SIZE, EXTRA_SIZE, Kind } from "./kind.ts";

/** The bytes are not BTF, or damaged. */
export class BtfError extends Error {
  readonly code = "bad_btf";

  constructor(message: string) {
    super(`Cannot read BTF: ${message}`);
    this.name = "BtfError";
  }
}

/** Buckets of the name index; vmlinux has about 100,000 named types. */
const BUCKETS = 1 << 16;

export class TypeTable {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Byte range of the strings. */
  readonly #stringStart: number;
  readonly #stringEnd: number;
  /** Byte offset of each type; entry 0 is void and not used. */
  readonly #offsets: Uint32Array;
  /** Number of types, void included: ids are 1 … count - 1. */
  readonly count: number;
  #names: { readonly first: Uint32Array; readonly next: Uint32Array } | undefined;

  /** Throws BtfError. The bytes are kept, not copied. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const header = readHeader(this.#view);
    this.#stringStart = header.stringStart;
    this.#stringEnd = header.stringEnd;
    const offsets = new Uint32Array(
      Math.floor((header.typeEnd - header.typeStart) / BTF_TYPE_SIZE) + 1,
    );
    let count = 1;
    for (let at = header.typeStart; at < header.typeEnd; ) {
      if (at + BTF_TYPE_SIZE > header.typeEnd) throw new BtfError(`type ${count} is cut off`);
      const info = this.#view.getUint32(at + 4, true);
      const extra = EXTRA_SIZE[(info >>> 24) & 0x1f];
      if (extra === undefined)
        throw new BtfError(`type ${count} has unknown kind ${(info >>> 24) & 0x1f}`);
      offsets[count++] = at;
      at += BTF_TYPE_SIZE + extra[0] + extra[1] * (info & 0xffff);
      if (at > header.typeEnd) throw new BtfError(`type ${count - 1} is cut off`);
    }
    this.#offsets = offsets;
    this.count = count;
  }

  release(): void {
    freeMemory(this.#bytes);
    freeOwn(this.#offsets);
    if (this.#names === undefined) return;
    freeOwn(this.#names.first);
    freeOwn(this.#names.next);
  }

  /** Number of enum Kind; 0 for void and ids that do not exist. */
  kind(id: number): number {
    return (this.#info(id) >>> 24) & 0x1f;
  }

  /** Number of members, parameters or values. */
  vlen(id: number): number {
    return this.#info(id) & 0xffff;
  }

  kindFlag(id: number): boolean {
    return this.#info(id) >>> 31 === 1;
  }

  /** Size in bytes, or the id of the type that this one refers to, by kind. */
  sizeOrType(id: number): number {
    return this.#isType(id) ? this.#view.getUint32((this.#offsets[id] ?? 0) + 8, true) : 0;
  }

  name(id: number): string {
    return this.#isType(id) ? this.string(this.#view.getUint32(this.#offsets[id] ?? 0, true)) : "";
  }

  /** Word `index` of the kind-specific data. The caller knows from kind and vlen that it exists. */
  extra(id: number, index: number): number {
    return this.#view.getUint32((this.#offsets[id] ?? 0) + BTF_TYPE_SIZE + index * 4, true);
  }

  /** Text at an offset of the string section; empty for offsets outside. */
  string(offset: number): string {
    const start = this.#stringStart + offset;
    if (start >= this.#stringEnd) return "";
    let end = start;
    while (end < this.#stringEnd && this.#bytes[end] !== 0) end++;
    return new TextDecoder().decode(this.#bytes.subarray(start, end));
  }

  /** Whether the string at `offset` is exactly `text` (bytes without NUL). */
  isString(offset: number, text: Uint8Array): boolean {
    const start = this.#stringStart + offset;
    if (start + text.length >= this.#stringEnd) return false;
    for (let n = 0; n < text.length; n++) if (this.#bytes[start + n] !== text[n]) return false;
    return this.#bytes[start + text.length] === 0;
  }

  /** Ids of all types of these kinds with this name, lowest first. */
  *named(name: string, kinds: readonly number[]): Generator<number> {
    this.#names ??= this.#indexNames();
    const bytes = new TextEncoder().encode(name);
    let hash = 0;
    for (const byte of bytes) hash = mix(hash, byte);
    let id = this.#names.first[hash & (BUCKETS - 1)] ?? 0;
    for (; id !== 0; id = this.#names.next[id] ?? 0) {
      const nameOffset = this.#view.getUint32(this.#offsets[id] ?? 0, true);
      if (kinds.includes(this.kind(id)) && this.isString(nameOffset, bytes)) yield id;
    }
  }

  #indexNames(): { first: Uint32Array; next: Uint32Array } {
    const first = new Uint32Array(BUCKETS);
    const next = new Uint32Array(this.count);
    // backwards, so that every chain has its lowest id in front
    for (let id = this.count - 1; id > 0; id--) {
      const offset = this.#view.getUint32(this.#offsets[id] ?? 0, true);
      if (offset === 0) continue;
      let hash = 0;
      let at = this.#stringStart + offset;
      for (; at < this.#stringEnd; at++) {
        const byte = this.#bytes[at] ?? 0;
        if (byte === 0) break;
        hash = mix(hash, byte);
      }
      const bucket = hash & (BUCKETS - 1);
      next[id] = first[bucket] ?? 0;
      first[bucket] = id;
    }
    return { first, next };
  }

  #isType(id: number): boolean {
    return id > 0 && id < this.count;
  }

  #info(id: number): number {
    return this.#isType(id) ? this.#view.getUint32((this.#offsets[id] ?? 0) + 4, true) : 0;
  }
}

/** One step of a multiplicative hash whose low bits are used. */
function mix(hash: number, byte: number): number {
  const product = Math.imul(hash ^ byte, 0x9e3779b1);
  return product ^ (product >>> 15);
}

function readHeader(view: DataView): {
  typeStart: number;
  typeEnd: number;
  stringStart: number;
  stringEnd: number;
} {
  if (view.byteLength < BTF_HEADER_SIZE) throw new BtfError("shorter than its header");
  const magic = view.getUint16(0, true);
  if (magic !== BTF_MAGIC)
    throw new BtfError(magic === 0x9feb ? "written in the other byte order" : "no magic number");
  const headerSize = view.getUint32(4, true);
  const typeStart = headerSize + view.getUint32(8, true);
  const typeEnd = typeStart + view.getUint32(12, true);
  const stringStart = headerSize + view.getUint32(16, true);
  const stringEnd = stringStart + view.getUint32(20, true);
  if (headerSize < BTF_HEADER_SIZE || typeEnd > view.byteLength || stringEnd > view.byteLength)
    throw new BtfError("sections lie outside");
  return { typeStart, typeEnd, stringStart, stringEnd };
}

/** Kinds that only wrap another type. */
export function isModifier(kind: number): boolean {
  return (
    kind === Kind.TYPEDEF ||
    kind === Kind.CONST ||
    kind === Kind.VOLATILE ||
    kind === Kind.RESTRICT ||
    kind === Kind.TYPE_TAG
  );
}
