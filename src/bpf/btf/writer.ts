/**
 * Writes BTF: what programs and maps of ours need the kernel to know, and small fixtures for tests.
 *
 *   const btf = new BtfWriter();
 *   const int = btf.int("int", 4, { isSigned: true });
 *   btf.struct("point", 8, [{ name: "x", type: int, bitOffset: 0 }, { name: "y", type: int, bitOffset: 32 }]);
 *   btf.finish() // -> Uint8Array
 *
 * Every method that adds a type returns its id; ids may be used before the type they name is added.
 */
import { BTF_HEADER_SIZE, BTF_MAGIC, INT_SIGNED, Kind, Linkage } from "./kind.ts";

export interface MemberSpec {
  /** Empty for an anonymous struct or union. */
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  /** Set for bitfields; one of them makes the whole struct use the bitfield encoding. */
  readonly bitSize?: number;
}

export class BtfWriter {
  readonly #words: number[] = [];
  readonly #strings = new Map<string, number>([["", 0]]);
  #text = "\0";
  #stringBytes = 1;
  #types = 0;

  /** Offset of a string, added once. */
  string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    if (text.includes("\0")) throw new RangeError("Cannot write BTF string: it contains a NUL");
    const offset = this.#stringBytes;
    this.#strings.set(text, offset);
    this.#text += `${text}\0`;
    this.#stringBytes += new TextEncoder().encode(text).length + 1;
    return offset;
  }

  int(name: string, size: 1 | 2 | 4 | 8 | 16, options: { isSigned?: boolean } = {}): number {
    const encoding = options.isSigned ? INT_SIGNED : 0;
    return this.#add(name, Kind.INT, 0, size, [(encoding << 24) | (size * 8)]);
  }

  pointer(type: number): number {
    return this.#add("", Kind.PTR, 0, type);
  }

  array(type: number, indexType: number, count: number): number {
    return this.#add("", Kind.ARRAY, 0, 0, [type, indexType, count]);
  }

  struct(name: string, size: number, members: readonly MemberSpec[]): number {
    return this.#composite(Kind.STRUCT, name, size, members);
  }

  union(name: string, size: number, members: readonly MemberSpec[]): number {
    return this.#composite(Kind.UNION, name, size, members);
  }

  enum(name: string, values: Readonly<Record<string, number>>): number {
    const entries = Object.entries(values);
    const words = entries.flatMap(([key, value]) => [this.string(key), value]);
    return this.#add(name, Kind.ENUM, entries.length, 4, words);
  }

  forward(name: string): number {
    return this.#add(name, Kind.FWD, 0, 0);
  }

  typedef(name: string, type: number): number {
    return this.#add(name, Kind.TYPEDEF, 0, type);
  }

  const(type: number): number {
    return this.#add("", Kind.CONST, 0, type);
  }

  functionProto(result: number, parameters: readonly { name: string; type: number }[]): number {
    const words = parameters.flatMap(({ name, type }) => [this.string(name), type]);
    return this.#add("", Kind.FUNC_PROTO, parameters.length, result, words);
  }

  function(name: string, proto: number, linkage: keyof typeof Linkage): number {
    return this.#add(name, Kind.FUNC, Linkage[linkage], proto);
  }

  finish(): Uint8Array {
    const strings = new TextEncoder().encode(this.#text);
    const typeBytes = this.#words.length * 4;
    const bytes = new Uint8Array(BTF_HEADER_SIZE + typeBytes + strings.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, BTF_MAGIC, true);
    view.setUint8(2, 1); // version
    view.setUint32(4, BTF_HEADER_SIZE, true);
    view.setUint32(12, typeBytes, true);
    view.setUint32(16, typeBytes, true);
    view.setUint32(20, strings.length, true);
    this.#words.forEach((word, n) => {
      view.setUint32(BTF_HEADER_SIZE + n * 4, word, true);
    });
    bytes.set(strings, BTF_HEADER_SIZE + typeBytes);
    return bytes;
  }

  #composite(kind: number, name: string, size: number, members: readonly MemberSpec[]): number {
    const hasBitfields = members.some((member) => member.bitSize !== undefined);
    const words = members.flatMap(({ name, type, bitOffset, bitSize = 0 }) => [
      this.string(name),
      type,
      hasBitfields ? (bitSize << 24) | bitOffset : bitOffset,
    ]);
    return this.#add(name, kind, members.length, size, words, hasBitfields);
  }

  #add(
    name: string,
    kind: number,
    vlen: number,
    sizeOrType: number,
    extra: readonly number[] = [],
    kflag = false,
  ): number {
    const info = ((kflag ? 0x80000000 : 0) | (kind << 24) | vlen) >>> 0;
    this.#words.push(this.string(name), info, sizeOrType, ...extra);
    this.#types++;
    return this.#types;
  }
}
