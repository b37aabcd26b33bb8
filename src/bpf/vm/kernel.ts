/**
 * What surrounds a program in the kernel, as far as our programs use it: maps, the current task, its process's memory, a
 * clock, signals, the event ring. Everything can be looked at and set from outside; nothing happens by itself.
 */
import { EFAULT, ENOENT } from "../../base/linux-abi.ts";
import { type Assembled, HELPER_IDS, type HelperName } from "../asm/index.ts";
import { Cpu, type Linking } from "./cpu.ts";
import { VmMap, type VmMapSpec } from "./maps.ts";
import { VmError, VmMemory } from "./memory.ts";
import type { Registers } from "./registers.ts";

/** Memory of the process that makes calls. */
export interface UserMemory {
  /** What can be read from there on, at most `size` bytes: shorter where unreadable memory follows, empty at once there. */
  readable(address: bigint, size: number): Uint8Array;
}

const FAULT = BigInt(-EFAULT);
const NONE = BigInt(-ENOENT);
const BPF_LOCAL_STORAGE_GET_F_CREATE = 1n;
/** Upper half of what stands for a map: not an address. */
const MAP_POINTER = 0xffff_0000n << 32n;

const NO_MEMORY: UserMemory = { readable: () => new Uint8Array() };

export class VmKernel {
  readonly memory = new VmMemory();
  readonly maps = new Map<string, VmMap>();
  /** Contents of the ring, one for each bpf_ringbuf_output. */
  readonly records: Uint8Array[] = [];
  /** Signals sent to the current task. */
  readonly signals: number[] = [];
  user: UserMemory = NO_MEMORY;
  /** Addresses of the current task_struct and of its saved registers. */
  task = 0n;
  registers = 0n;
  /** CLOCK_BOOTTIME, ns. */
  bootNs = 1_000_000_000n;
  /** The next random number, a u32. */
  random = (): number => Math.floor(Math.random() * 2 ** 32);
  /** What bpf_override_return has set last. */
  overridden: bigint | undefined;
  /** The ring has no room: each output fails and leaves nothing. */
  isRingFull = false;
  readonly #mapNames: string[] = [];

  addMap(spec: VmMapSpec): VmMap {
    const map = new VmMap(spec, this.memory);
    this.maps.set(spec.name, map);
    this.#mapNames.push(spec.name);
    return map;
  }

  load(program: Assembled): Cpu {
    const linking: Linking = {
      mapPointer: (name) => MAP_POINTER + BigInt(this.#indexOf(name)),
      mapValue: (name) => this.#mapNamed(name).first,
      helper: (id, registers, cpu) => this.#help(id, registers, cpu),
    };
    return new Cpu(program, this.memory, linking);
  }

  #indexOf(name: string): number {
    const index = this.#mapNames.indexOf(name);
    if (index < 0) throw new VmError(`no map is called "${name}"`);
    return index;
  }

  #mapNamed(name: string): VmMap {
    this.#indexOf(name);
    return this.maps.get(name) as VmMap;
  }

  #mapAt(pointer: bigint): VmMap {
    const name = this.#mapNames[Number(pointer - MAP_POINTER)];
    if (name === undefined) throw new VmError(`0x${pointer.toString(16)} is no map`);
    return this.#mapNamed(name);
  }

  #help(id: number, r: Registers, cpu: Cpu): bigint {
    const help = HELPERS.get(id);
    if (help === undefined) throw new VmError(`${cpu.name}: helper ${id} is not there`);
    const [a, b, c, d] = [1, 2, 3, 4].map((n) => r.get(n)) as [bigint, bigint, bigint, bigint];
    return help(this, { a, b, c, d, cpu });
  }

  /** @internal */
  readonly mapOf = (pointer: bigint): VmMap => this.#mapAt(pointer);
}

interface Call {
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
  readonly d: bigint;
  readonly cpu: Cpu;
}

type Help = (kernel: VmKernel, call: Call) => bigint;

/** Copies what `source` gives to the destination, or fills that with zeroes and fails: as the kernel's helpers do. */
function copyTo(kernel: VmKernel, { a, b }: Call, source: Uint8Array | undefined): bigint {
  const size = Number(b);
  const target = kernel.memory.at(a, size);
  if (source === undefined || source.length < size) {
    target.fill(0);
    return FAULT;
  }
  target.set(source);
  return 0n;
}

/** Text up to its NUL; what does not fit is cut and ended. Gives the bytes written, the NUL counted. */
function copyText(kernel: VmKernel, { a, b }: Call, source: Uint8Array): bigint {
  const size = Number(b);
  const end = source.subarray(0, size).indexOf(0);
  const length = end < 0 ? size - 1 : end;
  if (end < 0 && source.length < size) return FAULT;
  const target = kernel.memory.at(a, length + 1);
  target.set(source.subarray(0, length));
  target[length] = 0;
  return BigInt(length + 1);
}

/** Bytes of the kernel from an address to the end of what was allotted there, at most `size`. */
function kernelBytes({ memory }: VmKernel, address: bigint, size: number): Uint8Array {
  const region = memory.region(Number(address >> 32n));
  const at = Number(address & 0xffffffffn);
  return region?.bytes.subarray(at, at + size) ?? new Uint8Array();
}

function taskKey(task: bigint): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, task, true);
  return key;
}

const NAMED: Readonly<Partial<Record<HelperName, Help>>> = {
  bpf_map_lookup_elem: (k, { a, b }) => {
    const map = k.mapOf(a);
    return map.lookup(k.memory.at(b, map.keySize));
  },
  bpf_map_update_elem: (k, { a, b, c, d }) => {
    const map = k.mapOf(a);
    return map.update(k.memory.at(b, map.keySize), k.memory.at(c, map.valueSize), Number(d));
  },
  bpf_map_delete_elem: (k, { a, b }) => {
    const map = k.mapOf(a);
    return map.delete(k.memory.at(b, map.keySize));
  },
  bpf_task_storage_get: (k, { a, b, d }) => {
    const map = k.mapOf(a);
    const key = taskKey(b);
    const there = map.lookup(key);
    return there === 0n && d === BPF_LOCAL_STORAGE_GET_F_CREATE ? map.create(key) : there;
  },
  bpf_task_storage_delete: (k, { a, b }) => {
    const map = k.mapOf(a);
    const key = taskKey(b);
    return map.lookup(key) === 0n ? NONE : map.delete(key);
  },
  bpf_get_current_task: (k) => k.task,
  bpf_get_current_task_btf: (k) => k.task,
  bpf_task_pt_regs: (k) => k.registers,
  bpf_ktime_get_boot_ns: (k) => k.bootNs,
  // it is never suspended
  bpf_ktime_get_ns: (k) => k.bootNs,
  bpf_get_prandom_u32: (k) => BigInt(k.random()),
  bpf_probe_read_user: (k, call) => copyTo(k, call, k.user.readable(call.c, Number(call.b))),
  bpf_copy_from_user: (k, call) => copyTo(k, call, k.user.readable(call.c, Number(call.b))),
  bpf_probe_read_user_str: (k, call) => copyText(k, call, k.user.readable(call.c, Number(call.b))),
  bpf_probe_read_kernel: (k, call) => copyTo(k, call, kernelBytes(k, call.c, Number(call.b))),
  bpf_probe_read_kernel_str: (k, call) => copyText(k, call, kernelBytes(k, call.c, Number(call.b))),
  bpf_send_signal: (k, { a }) => {
    k.signals.push(Number(a));
    return 0n;
  },
  bpf_override_return: (k, { b }) => {
    k.overridden = b;
    return 0n;
  },
  bpf_ringbuf_output: (k, { b, c }) => {
    if (k.isRingFull) return -11n;
    k.records.push(k.memory.at(b, Number(c)).slice());
    return 0n;
  },
  bpf_loop: (_, { a, b, c, cpu }) => {
    let rounds = 0n;
    while (rounds < a) {
      const index = rounds++;
      if (cpu.call(Number(b), [index, c]) !== 0n) break;
    }
    return rounds;
  },
};

const HELPERS: ReadonlyMap<number, Help> = new Map(
  Object.entries(NAMED).map(([name, help]) => [HELPER_IDS[name as HelperName], help]),
);
