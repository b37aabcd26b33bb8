/** Maps of the interpreter: values live in regions of memory, so that programs get addresses of them. */
import { BPF_NOEXIST, EEXIST, ENOENT } from "../../base/linux-abi.ts";
import { VmError, type VmMemory } from "./memory.ts";

/** As MapSpec and the compiler have it; see bpf(2) for the meaning. Sizes in bytes. */
export interface VmMapSpec {
  readonly name: string;
  readonly type: string;
  readonly keySize?: number;
  readonly valueSize?: number;
  readonly maxEntries?: number;
  readonly content?: Uint8Array;
}

const EXISTS = BigInt(-EEXIST);
const NONE = BigInt(-ENOENT);

export class VmMap {
  readonly spec: VmMapSpec;
  readonly #memory: VmMemory;
  /** Addresses of values, by key as text; arrays have all of their values behind one another. */
  readonly #values = new Map<string, bigint>();
  readonly #array: bigint | undefined;
  /** Creating a value fails, as where the kernel has no memory. */
  isFull = false;

  constructor(spec: VmMapSpec, memory: VmMemory) {
    this.spec = spec;
    this.#memory = memory;
    const { type, name, maxEntries = 1, content } = spec;
    if (type !== "array" && type !== "percpu_array") return;
    this.#array = memory.allocate(name, this.#stride * maxEntries, content === undefined);
    if (content !== undefined) memory.at(this.#array, content.length).set(content);
  }

  /** The kernel rounds values of arrays up to 8 bytes. */
  get #stride(): number {
    return ((this.spec.valueSize ?? 0) + 7) & ~7;
  }

  get keySize(): number {
    return this.spec.keySize ?? 4;
  }

  get valueSize(): number {
    return this.spec.valueSize ?? 0;
  }

  /** Address of the value with index 0 of an array. */
  get first(): bigint {
    if (this.#array === undefined) throw new VmError(`${this.spec.name} is no array`);
    return this.#array;
  }

  /** Address of the value; 0 if there is none. */
  lookup(key: Uint8Array): bigint {
    if (this.#array === undefined) return this.#values.get(text(key)) ?? 0n;
    const index = new DataView(key.buffer, key.byteOffset).getUint32(0, true);
    if (index >= (this.spec.maxEntries ?? 1)) return 0n;
    return this.#array + BigInt(index * this.#stride);
  }

  update(key: Uint8Array, value: Uint8Array, flags: number): bigint {
    let address = this.lookup(key);
    if (address !== 0n && flags === BPF_NOEXIST) return EXISTS;
    if (address === 0n) {
      address = this.create(key);
      if (address === 0n) return -7n;
    }
    this.#memory.at(address, this.valueSize).set(value);
    return 0n;
  }

  /** A new value of zeroes; 0 if there is no memory for it. */
  create(key: Uint8Array): bigint {
    if (this.isFull || this.#array !== undefined) return 0n;
    if (this.#values.size >= (this.spec.maxEntries ?? Number.POSITIVE_INFINITY)) return 0n;
    const address = this.#memory.allocate(this.spec.name, this.valueSize);
    this.#values.set(text(key), address);
    return address;
  }

  delete(key: Uint8Array): bigint {
    const address = this.#values.get(text(key));
    if (address === undefined) return NONE;
    this.#values.delete(text(key));
    this.#memory.free(address);
    return 0n;
  }

  /** Of what is no array. */
  keys(): Uint8Array[] {
    return [...this.#values.keys()].map((key) => Uint8Array.from(Buffer.from(key, "latin1")));
  }

  get size(): number {
    return this.#values.size;
  }
}

function text(key: Uint8Array): string {
  return Buffer.from(key).toString("latin1");
}
