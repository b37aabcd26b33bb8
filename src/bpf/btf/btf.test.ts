import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Btf } from "./btf.ts";
import { BtfError } from "./type-table.ts";
import { BtfWriter } from "./writer.ts";

/** A little kernel: nested, anonymous and bitfield members, the way task_struct has them. */
function sample(): Uint8Array {
  const w = new BtfWriter();
  const int = w.int("int", 4, { isSigned: true });
  const u64 = w.int("long unsigned int", 8);
  const char = w.int("char", 1);
  const comm = w.array(char, int, 16);
  w.forward("task_struct");
  const info = w.struct("thread_info", 16, [
    { name: "flags", type: u64, bitOffset: 0 },
    { name: "status", type: int, bitOffset: 64 },
  ]);
  const inner = w.struct("", 8, [
    { name: "low", type: int, bitOffset: 0 },
    { name: "high", type: int, bitOffset: 32 },
  ]);
  const either = w.union("", 8, [
    { name: "whole", type: u64, bitOffset: 0 },
    { name: "", type: inner, bitOffset: 0 },
  ]);
  const pidT = w.typedef("pid_t", w.const(int));
  w.struct("task_struct", 64, [
    { name: "thread_info", type: info, bitOffset: 0 },
    { name: "", type: either, bitOffset: 128 },
    { name: "pid", type: pidT, bitOffset: 192 },
    { name: "first", type: int, bitOffset: 224, bitSize: 3 },
    { name: "second", type: int, bitOffset: 227, bitSize: 5 },
    { name: "comm", type: comm, bitOffset: 256 },
    { name: "parent", type: w.pointer(info), bitOffset: 384 },
  ]);
  const proto = w.functionProto(int, [
    { name: "dfd", type: int },
    { name: "name", type: u64 },
  ]);
  w.function("do_unlinkat", proto, "static");
  w.enum("bpf_map_type", { BPF_MAP_TYPE_HASH: 1, BPF_MAP_TYPE_RINGBUF: 27 });
  return w.finish();
}

test("memberOffset() follows dotted paths and anonymous members", () => {
  const btf = new Btf(sample());
  const at = (path: string): unknown => {
    const place = btf.memberOffset("task_struct", path);
    return place && [place.offset, place.size];
  };
  assert.deepEqual(at("thread_info.status"), [8, 4]);
  assert.deepEqual(at("whole"), [16, 8]);
  assert.deepEqual(at("high"), [20, 4]);
  assert.deepEqual(at("pid"), [24, 4]);
  assert.deepEqual(at("comm"), [32, 16]);
  assert.deepEqual(at("parent"), [48, 8]);
  assert.equal(at("parent.flags"), undefined);
  assert.equal(at("nothing"), undefined);
  assert.equal(btf.memberOffset("no_struct", "x"), undefined);
});

test("memberOffset() gives bitfields as shift and width", () => {
  const place = new Btf(sample()).memberOffset("task_struct", "second");
  assert.deepEqual(place?.bitfield, { shift: 3, bits: 5 });
  assert.equal(place?.offset, 28);
  assert.equal(place?.isSigned, true);
});

test("Btf finds functions, sizes and enum values", () => {
  const btf = new Btf(sample());
  assert.equal(btf.structSize("task_struct"), 64);
  assert.equal(typeof btf.functionId("do_unlinkat"), "number");
  assert.equal(btf.functionId("task_struct"), undefined);
  assert.deepEqual(
    btf.functionParameters("do_unlinkat")?.map((p) => p.name),
    ["dfd", "name"],
  );
  assert.equal(btf.enumValue("bpf_map_type", "BPF_MAP_TYPE_RINGBUF"), 27);
  assert.equal(btf.enumValue("bpf_map_type", "BPF_MAP_TYPE_NONE"), undefined);
});

function ask(bytes: Uint8Array): void {
  const btf = new Btf(bytes);
  for (const path of ["pid", "thread_info.status", "high", "second"])
    btf.memberOffset("task_struct", path);
  btf.structSize("task_struct");
  btf.functionParameters("do_unlinkat");
  btf.enumValue("bpf_map_type", "BPF_MAP_TYPE_RINGBUF");
  for (let id = 0; id < btf.typeCount + 3; id++) btf.sizeOf(id);
}

function expectSafe(bytes: Uint8Array): void {
  try {
    ask(bytes);
  } catch (error) {
    assert.ok(error instanceof BtfError, String(error));
  }
}

test("Btf never reads outside of damaged bytes", () => {
  const good = sample();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(good.length),
      (damage, cut) => {
        const bytes = good.slice(0, cut % 3 === 0 ? cut : undefined);
        for (const [at, byte] of damage) if (at < bytes.length) bytes[at] = byte;
        expectSafe(bytes);
      },
    ),
    { numRuns: 3000 },
  );
});

test("Btf never fails on random bytes otherwise than by BtfError", () => {
  const header = sample().subarray(0, 8);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      expectSafe(noise);
      expectSafe(Uint8Array.of(...header, ...noise));
    }),
  );
});

test("Btf survives a struct that contains itself many times", () => {
  const w = new BtfWriter();
  const self = Array.from({ length: 100 }, (_, n) => ({ name: "", type: 1, bitOffset: n }));
  w.struct("task_struct", 8, self);
  expectSafe(w.finish());
  const v = new BtfWriter();
  v.typedef("loop", 1);
  expectSafe(v.finish());
});
