/**
 * Answers about kernel types, from BTF (/sys/kernel/btf/vmlinux, since Linux 5.4): bytes in, values out.
 *
 *   const btf = new Btf(bytes);
 *   btf.memberOffset("task_struct", "thread_info.status")  // -> { offset: 16, size: 4, … }
 *   btf.functionId("do_unlinkat")                          // -> id for attachBtfId
 *
 * What a kernel does not have is `undefined`: names come and go between versions.
 */
import { INT_SIGNED, Kind } from "./kind.ts";
import { BtfError, isModifier, TypeTable } from "./type-table.ts";

/** Where a member lies in the struct that the question was about. */
export interface MemberLocation {
  /** Bytes from the start of the outermost struct; for a bitfield, of the storage unit that holds it. */
  readonly offset: number;
  /** Bytes of the member; for a bitfield, of its storage unit. */
  readonly size: number;
  /** Type of the member. */
  readonly typeId: number;
  readonly isSigned: boolean;
  /** Bits from the low end of the storage unit (little endian), and their number. */
  readonly bitfield?: { readonly shift: number; readonly bits: number };
}

export interface Parameter {
  readonly name: string;
  readonly typeId: number;
}

const POINTER_SIZE = 8;
/** Longest chain of typedefs, arrays and nested anonymous structs; real ones are below ten. */
const MAX_DEPTH = 32;
/** Members that one question may look at; the largest kernel struct has a few hundred. */
const MAX_STEPS = 1_000_000;

export class Btf {
  readonly #types: TypeTable;

  /** Throws BtfError on bytes that are not BTF. */
  constructor(bytes: Uint8Array) {
    this.#types = new TypeTable(bytes);
  }

  /** Gives the memory of the bytes back at once; nothing may be asked afterwards. */
  release(): void {
    this.#types.release();
  }

  /** Number of types. */
  get typeCount(): number {
    return this.#types.count - 1;
  }

  /** Id of a kernel function that programs can attach to. */
  functionId(name: string): number | undefined {
    return this.#first(name, [Kind.FUNC]);
  }

  /** Id of the struct or union with this name that has members. */
  structId(name: string): number | undefined {
    for (const id of this.#types.named(name, [Kind.STRUCT, Kind.UNION]))
      if (this.#types.vlen(id) > 0) return id;
    return undefined;
  }

  /** Id of a typedef; `btf_trace_sys_enter` is what tp_btf programs attach to. */
  typedefId(name: string): number | undefined {
    return this.#first(name, [Kind.TYPEDEF]);
  }

  /** Bytes of a struct or union. */
  structSize(name: string): number | undefined {
    const id = this.structId(name);
    return id === undefined ? undefined : this.#types.sizeOrType(id);
  }

  /** Parameters of a function, in order. The return value of fexit programs lies behind them. */
  functionParameters(name: string): readonly Parameter[] | undefined {
    const id = this.functionId(name);
    const proto = id === undefined ? 0 : this.#types.sizeOrType(id);
    if (this.#types.kind(proto) !== Kind.FUNC_PROTO) return undefined;
    return Array.from({ length: this.#types.vlen(proto) }, (_, n) => ({
      name: this.#types.string(this.#types.extra(proto, n * 2)),
      typeId: this.#types.extra(proto, n * 2 + 1),
    }));
  }

  /** Value of a member of a named or anonymous enum. */
  enumValue(enumName: string, member: string): number | undefined {
    const text = new TextEncoder().encode(member);
    for (const id of this.#types.named(enumName, [Kind.ENUM])) {
      for (let n = 0; n < this.#types.vlen(id); n++) {
        if (this.#types.isString(this.#types.extra(id, n * 2), text))
          return this.#types.extra(id, n * 2 + 1) | 0;
      }
    }
    return undefined;
  }

  /**
   * Place of a member of a struct. The path is dotted, goes through nested structs and unions but not through
   * pointers, and skips anonymous ones: `thread_info.status`. `undefined` when this kernel has no such member.
   */
  memberOffset(struct: string, path: string): MemberLocation | undefined {
    const id = this.structId(struct);
    return id === undefined ? undefined : this.memberOffsetIn(id, path);
  }

  /** The same for a struct by its id. */
  memberOffsetIn(structId: number, path: string): MemberLocation | undefined {
    let owner = structId;
    let bitOffset = 0;
    let found: Member | undefined;
    for (const name of path.split(".")) {
      found = this.#findMember(this.#peel(owner), new TextEncoder().encode(name), 0, { steps: 0 });
      if (found === undefined) return undefined;
      bitOffset += found.bitOffset;
      owner = found.typeId;
    }
    return found && this.#locate(found.typeId, bitOffset, found.bitSize);
  }

  /** Bytes that a value of the type takes; `undefined` for functions, void and damaged types. */
  sizeOf(typeId: number): number | undefined {
    let count = 1;
    let id = typeId;
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const kind = this.#types.kind(id);
      if (isModifier(kind)) {
        id = this.#types.sizeOrType(id);
      } else if (kind === Kind.ARRAY) {
        count *= this.#types.extra(id, 2);
        id = this.#types.extra(id, 0);
      } else if (kind === Kind.PTR) {
        return count * POINTER_SIZE;
      } else {
        return HAS_SIZE.has(kind) ? count * this.#types.sizeOrType(id) : undefined;
      }
    }
    return undefined;
  }

  #locate(typeId: number, bitOffset: number, bitSize: number): MemberLocation | undefined {
    const size = this.sizeOf(typeId);
    if (size === undefined) return undefined;
    const isSigned = this.#isSigned(typeId);
    if (bitSize === 0) return { offset: bitOffset >>> 3, size, typeId, isSigned };
    // the unit is aligned to its size, as compilers lay bitfields out
    const unit = Math.max(size, 1) * 8;
    const start = Math.floor(bitOffset / unit) * unit;
    const bitfield = { shift: bitOffset - start, bits: bitSize };
    return { offset: start / 8, size, typeId, isSigned, bitfield };
  }

  #findMember(
    id: number,
    name: Uint8Array,
    depth: number,
    budget: { steps: number },
  ): Member | undefined {
    const kind = this.#types.kind(id);
    if ((kind !== Kind.STRUCT && kind !== Kind.UNION) || depth > MAX_DEPTH) return undefined;
    const hasBitfields = this.#types.kindFlag(id);
    const count = this.#types.vlen(id);
    for (let n = 0; n < count; n++) {
      if (++budget.steps > MAX_STEPS) throw new BtfError("members are nested without end");
      const nameOffset = this.#types.extra(id, n * 3);
      const typeId = this.#types.extra(id, n * 3 + 1);
      const word = this.#types.extra(id, n * 3 + 2);
      const bitOffset = hasBitfields ? word & 0xffffff : word;
      if (this.#types.isString(nameOffset, name))
        return { typeId, bitOffset, bitSize: hasBitfields ? word >>> 24 : 0 };
      if (!this.#types.isString(nameOffset, EMPTY)) continue;
      const inner = this.#findMember(this.#peel(typeId), name, depth + 1, budget);
      if (inner !== undefined) return { ...inner, bitOffset: bitOffset + inner.bitOffset };
    }
    return undefined;
  }

  /** The type behind typedefs and qualifiers. */
  #peel(typeId: number): number {
    let id = typeId;
    for (let depth = 0; depth < MAX_DEPTH && isModifier(this.#types.kind(id)); depth++)
      id = this.#types.sizeOrType(id);
    return id;
  }

  #isSigned(typeId: number): boolean {
    const id = this.#peel(typeId);
    const kind = this.#types.kind(id);
    if (kind === Kind.INT) return ((this.#types.extra(id, 0) >>> 24) & INT_SIGNED) !== 0;
    return (kind === Kind.ENUM || kind === Kind.ENUM64) && this.#types.kindFlag(id);
  }

  #first(name: string, kinds: readonly number[]): number | undefined {
    for (const id of this.#types.named(name, kinds)) return id;
    return undefined;
  }
}

interface Member {
  readonly typeId: number;
  readonly bitOffset: number;
  /** 0 for a member that is no bitfield. */
  readonly bitSize: number;
}

const EMPTY = new Uint8Array(0);

const HAS_SIZE: ReadonlySet<number> = new Set([
  Kind.INT,
  Kind.STRUCT,
  Kind.UNION,
  Kind.ENUM,
  Kind.ENUM64,
  Kind.FLOAT,
]);
