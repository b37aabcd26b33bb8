/**
 * The address space of the interpreter. The upper half of an address names a region, the lower half is the place in it:
 *
 *   63            32 31             0
 *   | region        | offset         |
 *
 * So an access outside of what was allotted is found by itself, and no two regions can meet. Region 0 is the memory of
 * the process that makes the calls: addresses below 4 GiB, as both ABIs have them.
 */

/** An access that the kernel's verifier should have refused, or a helper called wrongly: a bug of the compiler. */
export class VmError extends Error {
  override readonly name = "VmError";
}

export interface Region {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly isWritable: boolean;
}

/** Regions from here on are the kernel's. None is used twice, so that an address that was freed leads nowhere: two billion last. */
const FIRST_KERNEL_REGION = 0x8000_0000;
/** Bytes. Small regions are cut from pieces of this size: a buffer for each would cost more than what is done with it. */
const CHUNK_SIZE = 1 << 16;
const ALIGNMENT = 8;

export class VmMemory {
  readonly #regions = new Map<number, Region>();
  #next = FIRST_KERNEL_REGION;
  #chunk = new ArrayBuffer(0);
  #used = 0;

  /** Makes a region of the kernel; gives its first address. */
  allocate(name: string, size: number, isWritable = true): bigint {
    const number = this.#next++;
    this.#put(number, name, this.#zeroes(size), isWritable);
    return BigInt(number) << 32n;
  }

  /** No byte is given out twice. */
  #zeroes(size: number): Uint8Array {
    if (size > CHUNK_SIZE / 4) return new Uint8Array(size);
    if (this.#used + size > this.#chunk.byteLength) {
      this.#chunk = new ArrayBuffer(CHUNK_SIZE);
      this.#used = 0;
    }
    const bytes = new Uint8Array(this.#chunk, this.#used, size);
    this.#used += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    return bytes;
  }

  free(address: bigint): void {
    this.#regions.delete(Number(address >> 32n));
  }

  #put(number: number, name: string, bytes: Uint8Array, isWritable: boolean): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#regions.set(number, { name, bytes, view, isWritable });
  }

  /** The region that an address with this upper half is in. */
  region(high: number): Region | undefined {
    return this.#regions.get(high >>> 0);
  }

  /** Bytes of the kernel at an address; undefined where there are none. */
  bytesAt(high: number, low: number, size: number): Uint8Array | undefined {
    const region = this.region(high);
    const at = low >>> 0;
    if (region === undefined || at + size > region.bytes.length) return undefined;
    return region.bytes.subarray(at, at + size);
  }

  /** The same for an address as one number. */
  at(address: bigint, size: number): Uint8Array {
    const bytes = this.bytesAt(Number(address >> 32n), Number(address & 0xffffffffn), size);
    if (bytes === undefined) throw new VmError(`no ${size} bytes at 0x${address.toString(16)}`);
    return bytes;
  }

  view(address: bigint, size: number): DataView {
    const bytes = this.at(address, size);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
