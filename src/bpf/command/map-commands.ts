/** BPF_MAP_* commands of bpf(2), one function each. Keys and values are native memory of the caller. */
import { EINVAL, ENOENT, ENOSPC, ENOTSUPP, Fd, type Memory } from "../../sys/index.ts";
import { Attr, bpfError } from "./attr.ts";

const CREATE = {
  map_type: 0,
  key_size: 4,
  value_size: 8,
  max_entries: 12,
  map_flags: 16,
  map_name: 28,
  btf_fd: 48,
  btf_key_type_id: 52,
  btf_value_type_id: 56,
} as const;

const ELEM = { map_fd: 0, key: 8, value: 16, next_key: 16, flags: 24 } as const;

export interface MapCreate {
  readonly name: string;
  /** Number of enum bpf_map_type. */
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly btf?: { readonly fd: Fd; readonly keyTypeId: number; readonly valueTypeId: number };
}

/** BPF_MAP_CREATE. Sizes in bytes. Throws SyscallError: EPERM, EINVAL, E2BIG, ENOMEM. Since Linux 3.18. */
export function bpfMapCreate(map: MapCreate): Fd {
  using attr = new Attr();
  attr
    .u32(CREATE.map_type, map.type)
    .u32(CREATE.key_size, map.keySize)
    .u32(CREATE.value_size, map.valueSize)
    .u32(CREATE.max_entries, map.maxEntries)
    .u32(CREATE.map_flags, map.flags)
    .objectName(CREATE.map_name, map.name);
  if (map.btf !== undefined) {
    attr
      .u32(CREATE.btf_fd, map.btf.fd.number)
      .u32(CREATE.btf_key_type_id, map.btf.keyTypeId)
      .u32(CREATE.btf_value_type_id, map.btf.valueTypeId);
  }
  return new Fd(attr.run("BPF_MAP_CREATE", `create map "${map.name}"`));
}

/**
 * The four element commands on one map. The attr is made once: an access costs one system call and no
 * allocation. Since Linux 3.18.
 */
export class MapElements {
  readonly #attr = new Attr();
  readonly #name: string;
  readonly #value: Memory;

  constructor(name: string, fd: Fd, key: Memory, value: Memory) {
    this.#name = name;
    this.#value = value;
    this.#attr.u32(ELEM.map_fd, fd.number).pointer(ELEM.key, key).pointer(ELEM.value, value);
  }

  /** BPF_MAP_LOOKUP_ELEM into the value memory; false when there is no such key. */
  lookup(): boolean {
    this.#attr.u64(ELEM.flags, 0);
    const result = this.#attr.try("BPF_MAP_LOOKUP_ELEM");
    if (result === -ENOENT) return false;
    if (result < 0) throw bpfError("BPF_MAP_LOOKUP_ELEM", -result, `read map "${this.#name}"`);
    return true;
  }

  /** BPF_MAP_UPDATE_ELEM from the value memory. Throws SyscallError: E2BIG full, EEXIST, ENOENT by flags. */
  update(flags: number): void {
    this.#attr.u64(ELEM.flags, flags);
    this.#attr.run("BPF_MAP_UPDATE_ELEM", `write map "${this.#name}"`);
  }

  /** BPF_MAP_DELETE_ELEM; false when there is no such key. */
  delete(): boolean {
    // the kernel refuses members that the command does not use
    this.#attr.u64(ELEM.flags, 0).u64(ELEM.value, 0);
    const result = this.#attr.try("BPF_MAP_DELETE_ELEM");
    this.#attr.pointer(ELEM.value, this.#value);
    if (result === -ENOENT) return false;
    if (result < 0)
      throw bpfError("BPF_MAP_DELETE_ELEM", -result, `delete from map "${this.#name}"`);
    return true;
  }

  free(): void {
    this.#attr.free();
  }
}

/** BPF_MAP_GET_NEXT_KEY: the key after `key` (the first one for `undefined`) into `next`; false at the end. */
export function bpfMapGetNextKey(map: Fd, key: Memory | undefined, next: Memory): boolean {
  using attr = new Attr();
  attr.u32(ELEM.map_fd, map.number).pointer(ELEM.next_key, next);
  if (key !== undefined) attr.pointer(ELEM.key, key);
  const result = attr.try("BPF_MAP_GET_NEXT_KEY");
  if (result === -ENOENT) return false;
  if (result < 0) throw bpfError("BPF_MAP_GET_NEXT_KEY", -result, "walk map");
  return true;
}

const BATCH = { in: 0, out: 8, keys: 16, values: 24, count: 32, map_fd: 36 } as const;

export interface BatchMemory {
  /** u32: where the next batch begins. */
  readonly at: Memory;
  readonly keys: Memory;
  readonly values: Memory;
}

/** `full`: the next bucket of a hash map has more than `count`. */
export type BatchRefusal = "unsupported" | "full";

/**
 * BPF_MAP_LOOKUP_BATCH on an array or a hash map: the next `count` elements, from the first with `isFirst`. Gives how many there were.
 * Since Linux 5.6; for arrays per CPU since 5.13.
 */
export function bpfMapLookupBatch(
  map: Fd,
  { at, keys, values }: BatchMemory,
  count: number,
  isFirst: boolean,
): number | BatchRefusal {
  using attr = new Attr();
  if (!isFirst) attr.pointer(BATCH.in, at);
  attr.pointer(BATCH.out, at).pointer(BATCH.keys, keys).pointer(BATCH.values, values);
  attr.u32(BATCH.count, count).u32(BATCH.map_fd, map.number);
  const result = attr.try("BPF_MAP_LOOKUP_BATCH");
  // at the end there were fewer
  if (result >= 0 || result === -ENOENT) return attr.getU32(BATCH.count);
  if (result === -ENOSPC) return "full";
  if (result === -EINVAL || result === -ENOTSUPP) return "unsupported";
  throw bpfError("BPF_MAP_LOOKUP_BATCH", -result, "read map");
}

/** BPF_MAP_FREEZE: user space cannot write the map any more. Since Linux 5.2. */
export function bpfMapFreeze(map: Fd): void {
  using attr = new Attr();
  attr.u32(0, map.number).run("BPF_MAP_FREEZE", "freeze map");
}
