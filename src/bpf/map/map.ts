/**
 * BPF maps as objects. A MapSpec is plain data and the same on every machine; openMap makes the kernel object.
 * Values are copied out; per-CPU maps give one value per possible CPU, each padded to 8 bytes by the kernel.
 */
import { EPERM, Fd, liftMemlockLimit, Memory, SyscallError } from "../../sys/index.ts";
import { writeStorageBtf } from "../btf/storage-btf.ts";
import {
  bpfMapCreate,
  bpfMapFreeze,
  bpfMapGetNextKey,
  bpfMapLookupBatch,
  type MapCreate,
  MapElements,
} from "../command/map-commands.ts";
import { bpfBtfLoad, bpfObjGet, bpfObjPin } from "../command/object-commands.ts";
import { MAP_TYPE, MapFlag, type MapType, UpdateFlag } from "../constants.ts";
import { walkBatches } from "./batches.ts";
import { possibleCpus } from "./possible-cpus.ts";

export interface MapSpec {
  readonly name: string;
  readonly type: MapType;
  /** Bytes; left out for ring buffers (0), arrays, program arrays and task storage (4). */
  readonly keySize?: number;
  /** Bytes; left out for ring buffers (0) and program arrays (4). */
  readonly valueSize?: number;
  /** Entries; for ring buffers the size in bytes, a power of two of whole pages; for task storage left out. */
  readonly maxEntries?: number;
  /** Bits of MapFlag beyond what the type needs. */
  readonly flags?: number;
}

/** A key: its bytes, or a number for keys of 4 or 8 bytes. */
export type MapKey = Uint8Array | number;

/** Creates the map. Throws SyscallError: EPERM, EINVAL, E2BIG, ENOMEM. */
export function openMap(spec: MapSpec): BpfMap {
  const size = sizesOf(spec);
  const create = (btf?: MapCreate["btf"]): Fd => {
    const map = { ...size, name: spec.name, type: MAP_TYPE[spec.type], flags: flagsOf(spec) };
    return createLiftingLimit(btf === undefined ? map : { ...map, btf });
  };
  if (spec.type !== "task_storage") return new BpfMap(spec, create());
  const { bytes, keyTypeId, valueTypeId } = writeStorageBtf(size.valueSize);
  using fd = bpfBtfLoad(bytes);
  return new BpfMap(spec, create({ fd, keyTypeId, valueTypeId }));
}

/** Opens a map that is pinned in bpffs; `spec` must describe it. Throws SyscallError: ENOENT, EPERM. */
export function openPinnedMap(spec: MapSpec, path: string): BpfMap {
  return new BpfMap(spec, bpfObjGet(path));
}

const WORD = 8;
/** Of values that are read at once. */
const BATCH_BYTES = 256 << 10;

/** Of a hash map per CPU; `values` by the number of the CPU. */
export interface PerCpuEntry {
  readonly key: Uint8Array;
  readonly values: readonly DataView[];
}

/** Memory for one key and value, made at the first access. */
interface Access {
  readonly key: Memory;
  readonly value: Memory;
  readonly elements: MapElements;
}

export class BpfMap {
  readonly spec: MapSpec;
  readonly fd: Fd;
  readonly #keySize: number;
  readonly #valueSize: number;
  /** Bytes from one CPU's value to the next; 0 for maps that are not per CPU. */
  readonly #stride: number;
  #access: Access | undefined;

  constructor(spec: MapSpec, fd: Fd) {
    const { keySize, valueSize } = sizesOf(spec);
    this.spec = spec;
    this.fd = fd;
    this.#keySize = keySize;
    this.#valueSize = valueSize;
    this.#stride = spec.type.startsWith("percpu_") ? (valueSize + 7) & ~7 : 0;
  }

  get name(): string {
    return this.spec.name;
  }

  /** The value, or `undefined` when there is none. For per-CPU maps the values of all CPUs, `stride` apart. */
  lookup(key: MapKey): Uint8Array<ArrayBuffer> | undefined {
    const access = this.#open();
    this.#writeKey(access.key, key);
    return access.elements.lookup() ? access.value.bytes.slice() : undefined;
  }

  /** The values of all possible CPUs, by CPU number. */
  lookupPerCpu(key: MapKey): DataView[] | undefined {
    const bytes = this.lookup(key);
    return bytes && this.#views(bytes);
  }

  #views({ buffer, length }: Uint8Array<ArrayBuffer>): DataView[] {
    return Array.from(
      { length: length / this.#stride },
      (_, cpu) => new DataView(buffer, cpu * this.#stride, this.#valueSize),
    );
  }

  /** Sum over all CPUs of the u64 at byte `offset` of the value; exact up to 2^53. 0 when there is no such key. */
  sumPerCpu(key: MapKey, offset = 0): number {
    let sum = 0;
    for (const value of this.lookupPerCpu(key) ?? [])
      sum += Number(value.getBigUint64(offset, true));
    return sum;
  }

  /**
   * Of an array per CPU with u64 in its values: the sums over all CPUs, exact up to 2^53. Those of each element stand behind those of the
   * one before, as many for each as a value has u64. With one system call for many elements, where the kernel can.
   */
  sumsPerCpu(count: number): Float64Array {
    const words = this.#valueSize / WORD;
    const sums = new Float64Array(count * words);
    const size = this.#stride * possibleCpus();
    const most = Math.max(1, Math.min(count, Math.floor(BATCH_BYTES / size)));
    using at = Memory.allocate(this.#keySize);
    using keys = Memory.allocate(this.#keySize * most);
    using values = Memory.allocate(size * most);
    for (let first = 0; first < count; ) {
      const asked = Math.min(most, count - first);
      const found = bpfMapLookupBatch(this.fd, { at, keys, values }, asked, first === 0);
      const got = typeof found === "number" ? found : this.#lookupEach(first, asked, values.bytes);
      if (got === 0) break;
      for (let i = 0; i < got; i++)
        this.#addUp(values.view, i * size, size, sums, (first + i) * words);
      first += got;
    }
    return sums;
  }

  #lookupEach(first: number, count: number, into: Uint8Array): number {
    for (let i = 0; i < count; i++) {
      const value = this.lookup(first + i);
      if (value === undefined) return i;
      into.set(value, i * value.length);
    }
    return count;
  }

  /** Of one element, whose values begin at `from`. */
  #addUp(view: DataView, from: number, size: number, sums: Float64Array, to: number): void {
    for (let cpu = from; cpu < from + size; cpu += this.#stride)
      for (let i = 0; i * WORD < this.#valueSize; i++) {
        const low = view.getUint32(cpu + i * WORD, true);
        const high = view.getUint32(cpu + i * WORD + 4, true);
        sums[to + i] = (sums[to + i] as number) + high * 2 ** 32 + low;
      }
  }

  /**
   * Writes a value: bytes, a number of 4 or 8 bytes, or the program for a slot of a program array. Per-CPU maps
   * get the same value on every CPU. Throws SyscallError: E2BIG when the map is full.
   */
  update(key: MapKey, value: Uint8Array | number | Fd, flags: number = UpdateFlag.BPF_ANY): void {
    const access = this.#open();
    this.#writeKey(access.key, key);
    const one = toBytes(value instanceof Fd ? value.number : value, this.#valueSize, "value");
    if (this.#stride === 0) access.value.bytes.set(one);
    else
      for (let at = 0; at < access.value.size; at += this.#stride) access.value.bytes.set(one, at);
    access.elements.update(flags);
  }

  /** Removes an entry; false when there was none. */
  delete(key: MapKey): boolean {
    const access = this.#open();
    this.#writeKey(access.key, key);
    return access.elements.delete();
  }

  /**
   * Entries of a hash map per CPU with the values of all CPUs, some at a time: as many as cost no time that anybody notices. With one
   * system call for each time, where the kernel can. Entries that are added meanwhile may be missing; none may be removed.
   */
  *entriesPerCpu(): Generator<readonly PerCpuEntry[]> {
    const stride = this.#stride;
    const batches = walkBatches(this.fd, this.#keySize, stride * possibleCpus());
    for (;;) {
      const { done, value } = batches.next();
      if (done === true && value) return;
      if (done === true) break;
      yield value.map(({ key, bytes }) => ({ key, values: this.#views(bytes) }));
    }
    for (const key of this.keys()) {
      const values = this.lookupPerCpu(key);
      if (values !== undefined) yield [{ key, values }];
    }
  }

  /** All keys. Entries added or removed meanwhile may be missed, or make the walk start again. */
  *keys(): Generator<Uint8Array> {
    using previous = Memory.allocate(this.#keySize);
    using next = Memory.allocate(this.#keySize);
    for (let isFirst = true; bpfMapGetNextKey(this.fd, isFirst ? undefined : previous, next); ) {
      isFirst = false;
      previous.bytes.set(next.bytes);
      yield next.bytes.slice();
    }
  }

  /** Makes the map read only for user space. Since Linux 5.2. */
  freeze(): void {
    bpfMapFreeze(this.fd);
  }

  pin(path: string): void {
    bpfObjPin(this.fd, path);
  }

  /** Programs that use the map keep it. */
  close(): void {
    this.#free();
    this.fd.close();
  }

  /** Gives the descriptor away, to another thread for example; this object must not be used any more. */
  release(): number {
    this.#free();
    return this.fd.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #free(): void {
    this.#access?.elements.free();
    this.#access?.key.free();
    this.#access?.value.free();
    this.#access = undefined;
  }

  #open(): Access {
    if (this.#access === undefined) {
      const key = Memory.allocate(this.#keySize);
      const value = Memory.allocate(
        this.#stride === 0 ? this.#valueSize : this.#stride * possibleCpus(),
      );
      const elements = new MapElements(this.name, this.fd, key, value);
      this.#access = { key, value, elements };
    }
    return this.#access;
  }

  #writeKey(memory: Memory, key: MapKey): void {
    memory.bytes.set(toBytes(key, this.#keySize, "key"));
  }
}

function toBytes(value: Uint8Array | number, size: number, what: string): Uint8Array {
  if (typeof value !== "number") {
    if (value.length === size) return value;
    throw new RangeError(`Cannot use ${value.length} bytes as ${what}: the map has ${size}`);
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 4) view.setUint32(0, value, true);
  else if (size === 8) view.setBigUint64(0, BigInt(value), true);
  else throw new RangeError(`Cannot use a number as ${what}: the map has ${size} bytes`);
  return bytes;
}

/** As the kernel has them. */
export function sizesOf(spec: MapSpec): { keySize: number; valueSize: number; maxEntries: number } {
  const { keySize = 4, valueSize = 4, maxEntries = 0 } = spec;
  switch (spec.type) {
    case "ringbuf":
      return { keySize: 0, valueSize: 0, maxEntries };
    case "task_storage":
      return { keySize: 4, valueSize, maxEntries: 0 };
    default:
      return { keySize, valueSize, maxEntries };
  }
}

function flagsOf({ type, flags = 0 }: MapSpec): number {
  // the kernel demands the flag for both: their entries cannot be allocated beforehand
  const needed = type === "task_storage" || type === "lpm_trie" ? MapFlag.BPF_F_NO_PREALLOC : 0;
  return flags | needed;
}

/** Before 5.11 maps count against RLIMIT_MEMLOCK, and too low a limit looks like missing privilege. */
function createLiftingLimit(map: MapCreate): Fd {
  try {
    return bpfMapCreate(map);
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== EPERM) throw error;
    try {
      liftMemlockLimit();
    } catch {
      throw error;
    }
    return bpfMapCreate(map);
  }
}
