import assert from "node:assert/strict";
import { test } from "node:test";
import { E2BIG, EINVAL, ENOENT, ENOSPC, EPERM, NR, SyscallError } from "../../sys/index.ts";
import { type FakeKernel, withFakeKernel } from "../../sys/testing/fake-kernel.ts";
import { COMMAND, MAP_TYPE } from "../constants.ts";
import { openMap } from "./map.ts";
import { parseCpuList, possibleCpus } from "./possible-cpus.ts";

/** A kernel whose bpf(2) is answered per command; attr is a view of union bpf_attr. */
function onBpf(fake: FakeKernel, answer: (command: number, attr: DataView) => number): void {
  fake.on("bpf", ([command = -1, address = 0, size = 0]) => {
    const bytes = fake.bytesAt(address, size);
    return answer(command, new DataView(bytes.buffer, bytes.byteOffset, size));
  });
}

test("openMap() fills union bpf_attr", () => {
  withFakeKernel((fake) => {
    onBpf(fake, (command, attr) => {
      assert.equal(command, COMMAND.BPF_MAP_CREATE);
      const words = [0, 4, 8, 12, 16].map((at) => attr.getUint32(at, true));
      assert.deepEqual(words, [MAP_TYPE.hash, 16, 24, 100, 128]);
      assert.equal(
        Buffer.from(attr.buffer, attr.byteOffset + 28, 16).toString("latin1"),
        "my_map_with_a_n\0",
      );
      return fake.openFd();
    });
    const spec = {
      name: "my map-with a name",
      keySize: 16,
      valueSize: 24,
      maxEntries: 100,
    } as const;
    const map = openMap({ ...spec, type: "hash", flags: 128 });
    map.close();
    assert.equal(fake.openFds.size, 0);
    assert.equal(fake.blocksInUse, 0);
  });
});

test("openMap() gives storage maps their types and keeps no descriptor of them", () => {
  withFakeKernel((fake) => {
    let btf = -1;
    onBpf(fake, (command, attr) => {
      if (command === COMMAND.BPF_BTF_LOAD) {
        btf = fake.openFd();
        return btf;
      }
      assert.equal(attr.getUint32(16, true), 1); // BPF_F_NO_PREALLOC
      assert.equal(attr.getUint32(48, true), btf);
      assert.notEqual(attr.getUint32(52, true), attr.getUint32(56, true));
      return fake.openFd();
    });
    const map = openMap({ name: "tasks", type: "task_storage", valueSize: 40 });
    assert.deepEqual([...fake.openFds], [map.fd.number]);
    map.close();
  });
});

test("openMap() closes what it opened when creation fails", () => {
  withFakeKernel((fake) => {
    onBpf(fake, (command) => (command === COMMAND.BPF_BTF_LOAD ? fake.openFd() : -EINVAL));
    assert.throws(() => openMap({ name: "tasks", type: "task_storage", valueSize: 40 }), {
      name: "SyscallError",
      errno: EINVAL,
      command: "BPF_MAP_CREATE",
      hint: /This kernel does not know the map type/,
    });
    assert.equal(fake.openFds.size, 0);
    assert.equal(fake.blocksInUse, 0);
  });
});

test("openMap() lifts the limit on locked memory and tries again", () => {
  withFakeKernel((fake) => {
    let isLifted = false;
    fake.on("prlimit64", () => {
      isLifted = true;
      return 0;
    });
    onBpf(fake, () => (isLifted ? fake.openFd() : -EPERM));
    openMap({ name: "m", type: "array", valueSize: 8, maxEntries: 1 }).close();
    isLifted = false;
    fake.on("prlimit64", () => -EPERM);
    assert.throws(() => openMap({ name: "m", type: "array", maxEntries: 1 }), {
      errno: EPERM,
      hint: /CAP_BPF/,
    });
  });
});

test("lookupPerCpu() splits values at the padded stride", () => {
  withFakeKernel((fake) => {
    const cpus = possibleCpus();
    onBpf(fake, (command, attr) => {
      if (command !== COMMAND.BPF_MAP_LOOKUP_ELEM) return fake.openFd();
      assert.equal(fake.bytesAt(Number(attr.getBigUint64(8, true)), 4)[0], 7);
      const values = fake.bytesAt(Number(attr.getBigUint64(16, true)), 16 * cpus);
      for (let cpu = 0; cpu < cpus; cpu++) values[cpu * 16] = cpu + 1;
      return 0;
    });
    // 12 bytes are padded to 16
    using map = openMap({ name: "m", type: "percpu_array", valueSize: 12, maxEntries: 8 });
    const values = map.lookupPerCpu(7) ?? [];
    assert.deepEqual(
      values.map((value) => [value.byteLength, value.getUint8(0)]),
      Array.from({ length: cpus }, (_, cpu) => [12, cpu + 1]),
    );
    assert.equal(map.sumPerCpu(7), (cpus * (cpus + 1)) / 2);
  });
});

for (const hasBatches of [true, false])
  test(`sumsPerCpu() adds up all elements, ${hasBatches ? "many" : "one"} at a time`, () => {
    withFakeKernel((fake) => {
      const cpus = possibleCpus();
      // more than one batch of 256 KiB
      const count = Math.ceil((300 << 10) / (16 * cpus));
      const write = (values: Uint8Array, element: number): void => {
        const view = new DataView(values.buffer, values.byteOffset);
        for (let cpu = 0; cpu < cpus; cpu++) {
          view.setBigUint64(cpu * 16, BigInt(element), true);
          view.setBigUint64(cpu * 16 + 8, 1n << 40n, true);
        }
      };
      let next = 0;
      onBpf(fake, (command, attr) => {
        const at = (offset: number): number => Number(attr.getBigUint64(offset, true));
        if (command === COMMAND.BPF_MAP_LOOKUP_ELEM) {
          const key = new DataView(fake.bytesAt(at(8), 4).slice().buffer).getUint32(0, true);
          write(fake.bytesAt(at(16), 16 * cpus), key);
          return 0;
        }
        if (command !== COMMAND.BPF_MAP_LOOKUP_BATCH) return fake.openFd();
        if (!hasBatches) return -EINVAL;
        assert.equal(at(0) === 0, next === 0);
        const asked = attr.getUint32(32, true);
        for (let i = 0; i < asked; i++)
          write(fake.bytesAt(at(24) + i * 16 * cpus, 16 * cpus), next++);
        return 0;
      });
      using map = openMap({ name: "m", type: "percpu_array", valueSize: 16, maxEntries: count });
      const sums = map.sumsPerCpu(count);
      assert.equal(sums.length, 2 * count);
      for (const element of [0, 1, count - 1])
        assert.deepEqual(
          [...sums.subarray(2 * element, 2 * element + 2)],
          [cpus * element, cpus * 2 ** 40],
        );
    });
  });

/** A hash map per CPU, which gives up to seven entries of the keys from 0 on at once. */
function batchesOf(fake: FakeKernel, keys: number, isFull: (key: number, room: number) => boolean) {
  const size = 8 * possibleCpus();
  onBpf(fake, (command, attr) => {
    if (command !== COMMAND.BPF_MAP_LOOKUP_BATCH) return fake.openFd();
    const pointer = (offset: number): number => Number(attr.getBigUint64(offset, true));
    const word = (at: number): DataView => {
      const { buffer, byteOffset } = fake.bytesAt(at, 4);
      return new DataView(buffer, byteOffset, 4);
    };
    const from = pointer(0) === 0 ? 0 : word(pointer(0)).getUint32(0, true);
    const room = Math.min(attr.getUint32(32, true), 7);
    if (isFull(from, attr.getUint32(32, true))) return -ENOSPC;
    const found = Math.min(room, keys - from);
    for (let i = 0; i < found; i++) {
      word(pointer(16) + i * 4).setUint32(0, from + i, true);
      fake.bytesAt(pointer(24) + i * size, size).fill(from + i);
    }
    attr.setUint32(32, found, true);
    word(pointer(8)).setUint32(0, from + found, true);
    return found < room ? -ENOENT : 0;
  });
}

const PER_CPU = { type: "percpu_hash", keySize: 4, valueSize: 8, maxEntries: 64 } as const;

function entriesOf(map: ReturnType<typeof openMap>): number[] {
  return [...map.entriesPerCpu()].flat().map(({ key, values }) => {
    assert.equal(values.length, possibleCpus());
    for (const value of values) assert.equal(value.getUint8(7), key[0]);
    return key[0] ?? -1;
  });
}

test("entriesPerCpu() reads many entries at once, and a bucket that needs more room with more", () => {
  withFakeKernel((fake) => {
    const rooms = new Set<number>();
    batchesOf(fake, 40, (key, room) => {
      rooms.add(room);
      return key === 14 && room <= 64;
    });
    const map = openMap({ name: "m", ...PER_CPU });
    assert.deepEqual(
      entriesOf(map),
      Array.from({ length: 40 }, (_, i) => i),
    );
    assert.ok(rooms.size > 1);
    map.close();
    assert.equal(fake.blocksInUse, 0);
  });
});

test("entriesPerCpu() reads one entry after the other where the kernel reads no more at once", () => {
  withFakeKernel((fake) => {
    onBpf(fake, (command, attr) => {
      const pointer = (offset: number): number => Number(attr.getBigUint64(offset, true));
      switch (command) {
        case COMMAND.BPF_MAP_LOOKUP_BATCH:
          return -EINVAL;
        case COMMAND.BPF_MAP_GET_NEXT_KEY: {
          const next = pointer(8) === 0 ? 0 : (fake.bytesAt(pointer(8), 1)[0] ?? 0) + 1;
          if (next === 3) return -ENOENT;
          fake.bytesAt(pointer(16), 4).set([next]);
          return 0;
        }
        case COMMAND.BPF_MAP_LOOKUP_ELEM: {
          const [key = 0] = fake.bytesAt(pointer(8), 1);
          fake.bytesAt(pointer(16), 8 * possibleCpus()).fill(key);
          return 0;
        }
        default:
          return fake.openFd();
      }
    });
    using map = openMap({ name: "m", ...PER_CPU });
    assert.deepEqual(entriesOf(map), [0, 1, 2]);
  });
});

test("BpfMap distinguishes a missing key from a failure", () => {
  withFakeKernel((fake) => {
    let answer = -2;
    onBpf(fake, (command) => (command === COMMAND.BPF_MAP_CREATE ? fake.openFd() : answer));
    using map = openMap({ name: "m", type: "hash", keySize: 8, valueSize: 4, maxEntries: 8 });
    assert.equal(map.lookup(1), undefined);
    assert.equal(map.delete(1), false);
    answer = -E2BIG;
    assert.throws(
      () => map.update(1, 2),
      (error) => error instanceof SyscallError && /The map is full/.test(error.hint ?? ""),
    );
    assert.throws(() => map.lookup(new Uint8Array(4)), /the map has 8/);
    map.close();
    assert.equal(fake.calls.at(-1)?.nr, NR.close);
    assert.equal(fake.blocksInUse, 0);
  });
});

test("parseCpuList() reads what the kernel writes", () => {
  assert.equal(parseCpuList("0\n"), 1);
  assert.equal(parseCpuList("0-3\n"), 4);
  assert.equal(parseCpuList("0,2-5\n"), 6);
  assert.throws(() => parseCpuList("zero"), /is no range/);
});
