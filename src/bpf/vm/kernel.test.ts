import assert from "node:assert/strict";
import { test } from "node:test";
import { Assembler, R0, R1, R2, R3, R4, R10 } from "../asm/index.ts";
import { VmKernel } from "./kernel.ts";
import { VmError } from "./memory.ts";

function run(kernel: VmKernel, build: (a: Assembler) => unknown): bigint {
  const a = new Assembler();
  build(a);
  return kernel.load(a.assemble()).run(0n);
}

/** A process that has this text at 0x1000, and nothing behind it. */
function kernelWith(text: string): VmKernel {
  const kernel = new VmKernel();
  const bytes = Buffer.from(text, "latin1");
  kernel.user = {
    readable: (address, size) => {
      const at = Number(address) - 0x1000;
      return at < 0 ? new Uint8Array() : bytes.subarray(at, at + size);
    },
  };
  return kernel;
}

/** r0 of the helper in the upper half, the first word that it wrote in the lower. */
function readText(kernel: VmKernel, address: number, size: number): [result: bigint, word: string] {
  const scratch = kernel.memory.allocate("scratch", 32);
  kernel.memory.at(scratch, 32).fill(0x2e);
  const result = run(kernel, (a) =>
    a.loadImm(R1, scratch).mov(R2, size).mov(R3, address).call("bpf_probe_read_user_str").exit(),
  );
  return [BigInt.asIntN(64, result), Buffer.from(kernel.memory.at(scratch, 6)).toString("latin1")];
}

test("bpf_probe_read_user_str() counts the NUL, cuts what is longer, and fails before memory that is not there", () => {
  assert.deepEqual(readText(kernelWith("abc\0zz"), 0x1000, 16), [4n, "abc\0.."]);
  assert.deepEqual(readText(kernelWith("\0"), 0x1000, 16), [1n, "\0....."]);
  assert.deepEqual(readText(kernelWith("abcdef"), 0x1000, 4), [4n, "abc\0.."]);
  assert.deepEqual(readText(kernelWith("abc"), 0x1000, 16), [-14n, "......"]);
  assert.deepEqual(readText(kernelWith("abc"), 0x10, 16), [-14n, "......"]);
});

test("bpf_probe_read_user() fills what it could not read with zeroes", () => {
  const kernel = kernelWith("abcd");
  const read = (address: number): bigint =>
    run(kernel, (a) => {
      a.mov(R1, R10).add(R1, -8).mov(R2, 4).mov(R3, address).call("bpf_probe_read_user");
      a.load("u32", R1, R10, -8).lsh(R1, 32).lsh(R0, 32).alu("rsh", R0, 32).or(R0, R1).exit();
    });
  assert.equal(read(0x1000), 0x64636261_00000000n);
  assert.equal(read(0x1001), 0xfffffff2n);
});

test("maps: values stay where they are, keys are found again, arrays end", () => {
  const kernel = new VmKernel();
  kernel.addMap({ name: "counts", type: "hash", keySize: 4, valueSize: 8 });
  kernel.addMap({ name: "array", type: "array", valueSize: 8, maxEntries: 2 });
  const count = (key: number): bigint =>
    run(kernel, (a) => {
      a.store("u32", R10, -4, key).loadMap(R1, "counts").mov(R2, R10).add(R2, -4);
      a.call("bpf_map_lookup_elem").jump("ne", R0, 0, "there");
      a.store("u64", R10, -16, 1).loadMap(R1, "counts").mov(R2, R10).add(R2, -4);
      a.mov(R3, R10).add(R3, -16).mov(R4, 0).call("bpf_map_update_elem").exit();
      a.label("there").mov(R1, 1).atomicAdd("u64", R0, 0, R1).load("u64", R0, R0, 0).exit();
    });
  assert.deepEqual([count(5), count(5), count(6), count(5)], [0n, 2n, 0n, 3n]);
  const element = (index: number): bigint =>
    run(kernel, (a) => {
      a.store("u32", R10, -4, index).loadMap(R1, "array").mov(R2, R10).add(R2, -4);
      a.call("bpf_map_lookup_elem").exit();
    });
  assert.notEqual(element(1), 0n);
  assert.equal(element(2), 0n);
});

test("what is frozen cannot be written", () => {
  const kernel = new VmKernel();
  kernel.addMap({ name: "table", type: "array", valueSize: 8, content: new Uint8Array(8) });
  const write = () => run(kernel, (a) => a.loadMapValue(R1, "table").store("u8", R1, 0, 1).exit());
  assert.throws(write, VmError);
});

test("task storage is created on demand, unless there is no memory", () => {
  const kernel = new VmKernel();
  const map = kernel.addMap({ name: "areas", type: "task_storage", valueSize: 16 });
  kernel.task = kernel.memory.allocate("task", 64);
  const get = (flags: number): bigint =>
    run(kernel, (a) => {
      a.call("bpf_get_current_task_btf").mov(R2, R0).loadMap(R1, "areas").mov(R3, 0).mov(R4, flags);
      a.call("bpf_task_storage_get").exit();
    });
  assert.equal(get(0), 0n);
  map.isFull = true;
  assert.equal(get(1), 0n);
  map.isFull = false;
  const area = get(1);
  assert.notEqual(area, 0n);
  assert.equal(get(0), area);
});
