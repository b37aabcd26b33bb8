import assert from "node:assert/strict";
import { test } from "node:test";
import { Assembler } from "./assembler.ts";
import { disassemble } from "./disassembler.ts";
import { decode } from "./instruction.ts";
import { REACH } from "./layout.ts";
import { OP_GOTO_LONG } from "./opcode.ts";
import { R0, R1, R2, R3, R6, R10 } from "./register.ts";

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replaceAll(/(.{16})(?=.)/g, "$1 ");
}

function expectBytes(build: (a: Assembler) => unknown, expected: string): void {
  const a = new Assembler();
  build(a);
  assert.equal(hex(a.assemble().insns), expected);
}

function expectListing(build: (a: Assembler) => unknown, expected: string): void {
  const a = new Assembler();
  build(a);
  const text = disassemble(a.assemble()).replace("main:\n", "");
  assert.equal(text.replaceAll(/^ +/gm, ""), expected.trim().replaceAll(/^ +/gm, "").concat("\n"));
}

test("assemble() encodes arithmetic", () => {
  expectBytes((a) => a.mov(R0, 0), "b700000000000000");
  expectBytes((a) => a.mov(R6, R1), "bf16000000000000");
  expectBytes((a) => a.mov32(R1, -1), "b4010000ffffffff");
  expectBytes((a) => a.mov32(R1, 0xffffffff), "b4010000ffffffff");
  expectBytes((a) => a.add(R2, -8), "07020000f8ffffff");
  expectBytes((a) => a.alu32("xor", R1, R2), "ac21000000000000");
  expectBytes((a) => a.neg(R1), "8701000000000000");
  expectBytes((a) => a.toBigEndian(R1, 16), "dc01000010000000");
});

test("assemble() encodes memory access", () => {
  expectBytes((a) => a.load("u8", R0, R1, 5), "7110050000000000");
  expectBytes((a) => a.load("u64", R6, R1, 8), "7916080000000000");
  expectBytes((a) => a.store("u32", R10, -4, R0), "630afcff00000000");
  expectBytes((a) => a.store("u64", R10, -8, 7), "7a0af8ff07000000");
  expectBytes((a) => a.atomicAdd("u64", R0, 0, R1), "db10000000000000");
  expectBytes((a) => a.atomicFetch("add", "u64", R0, 0, R1), "db10000001000000");
  expectBytes((a) => a.atomicCompareExchange("u32", R1, 4, R2), "c3210400f1000000");
});

test("assemble() resolves forward and backward labels", () => {
  expectBytes((a) => {
    a.label("top").jump("eq", R1, 5, "end").jump32("sgt", R1, R2, "top");
    a.goto("end").mov(R0, 1).label("end").exit();
  }, "1501030005000000 6e21feff00000000 0500010000000000 b700000001000000 9500000000000000");
});

test("loadImm() picks the shortest form", () => {
  expectBytes((a) => a.loadImm(R1, -1), "b7010000ffffffff");
  expectBytes((a) => a.loadImm(R1, (1n << 64n) - 1n), "b7010000ffffffff");
  expectBytes((a) => a.loadImm(R1, 0xffffffff), "b4010000ffffffff");
  expectBytes((a) => a.loadImm(R1, 0x1122334455667788n), "1801000088776655 0000000044332211");
  assert.throws(() => new Assembler().loadImm(R1, 1n << 64n), RangeError);
});

test("Assembler refuses what does not fit", () => {
  const a = new Assembler();
  assert.throws(() => a.mov(R1, 0x80000000), /use loadImm/);
  assert.throws(() => a.jump32("eq", R1, 0x100000000, "x"), RangeError);
  assert.throws(() => a.load("u8", R1, R2, 0x8000), RangeError);
  assert.throws(() => a.mov(R1, 0.5), RangeError);
  assert.throws(() => a.label("here").label("here"), /already placed/);
  assert.throws(
    () => new Assembler().goto("nowhere").assemble(),
    /"nowhere" is used but not placed/,
  );
});

test("assemble() lists maps and functions", () => {
  const a = new Assembler("prog");
  a.loadMap(R1, "events").loadMapValue(R2, "state", 16).loadFunction(R2, "body");
  a.callFunction("body").return(0);
  a.function("body").return(0);
  const program = a.assemble();
  assert.deepEqual(program.relocations, [
    { insnOffset: 0, map: "events" },
    { insnOffset: 2, map: "state" },
  ]);
  assert.deepEqual(program.functions, [
    { label: "prog", insnOffset: 0 },
    { label: "body", insnOffset: 9 },
  ]);
  assert.equal(
    hex(program.insns),
    "1811000000000000 0000000000000000 1822000000000000 0000000010000000 " +
      "1842000004000000 0000000000000000 8510000002000000 b700000000000000 9500000000000000 " +
      "b700000000000000 9500000000000000",
  );
});

test("assemble() widens far jumps", () => {
  const a = new Assembler();
  a.jump("eq", R1, R2, "end").jump32("set", R1, 1, "end").goto("end");
  for (let i = 0; i < 40_000; i++) a.mov(R0, i);
  a.label("end").exit();
  const [inverted, first, set, over, second, plain] = decode(a.assemble().insns);
  const end = 40_006;
  assert.deepEqual([inverted?.opcode, inverted?.offset], [0x5d, 1]);
  assert.deepEqual([first?.opcode, first?.imm], [OP_GOTO_LONG, end - 2]);
  assert.deepEqual([set?.opcode, set?.offset, over?.offset], [0x46, 1, 1]);
  assert.deepEqual([second?.opcode, second?.imm], [OP_GOTO_LONG, end - 5]);
  assert.deepEqual([plain?.opcode, plain?.imm], [OP_GOTO_LONG, end - 6]);
});

test("assemble() widens a jump that another one pushed out of reach", () => {
  const a = new Assembler();
  a.jump("eq", R1, 0, "near").jump("eq", R2, 0, "far");
  for (let i = 0; i < REACH - 1; i++) a.mov(R0, 0);
  a.label("near").mov(R0, 0).label("far").exit();
  const [near, , far] = decode(a.assemble().insns);
  // "far" is exactly in reach: nothing is widened
  assert.equal(near?.offset, REACH);
  assert.notEqual(far, undefined);
  const b = new Assembler();
  b.jump("eq", R1, 0, "near").jump("eq", R2, 0, "far");
  for (let i = 0; i < REACH - 1; i++) b.mov(R0, 0);
  b.label("near").mov(R0, 0).mov(R0, 0).label("far").exit();
  const code = decode(b.assemble().insns);
  assert.deepEqual([code[1]?.opcode, code[3]?.opcode], [OP_GOTO_LONG, OP_GOTO_LONG]);
});

test("disassemble() writes the kernel's notation", () => {
  expectListing(
    (a) => {
      a.mov(R6, R1).alu32("add", R1, 3).arsh(R1, 32).neg(R1).sdiv(R1, 3).toBigEndian(R1, 32);
      a.load("u16", R1, R6, 8).store("u8", R10, -1, 0).store("u64", R10, -16, R1);
      a.loadImm(R3, 1n << 40n)
        .loadMap(R1, "events")
        .loadMapValue(R2, "state", 8);
      a.call("bpf_ringbuf_output").callKfunc(77).callId(999);
      a.atomicAdd("u64", R1, 8, R2).atomicFetch("or", "u32", R1, 8, R2);
      a.atomicExchange("u64", R1, 0, R2).atomicCompareExchange("u64", R1, 0, R2);
      a.comment("leave\n\x1b[31m").jump("sle", R1, -1, "end").jump32("set", R1, R2, "end");
      a.label("end").exit();
    },
    `
    0: r6 = r1
    1: w1 += 3
    2: r1 s>>= 32
    3: r1 = -r1
    4: r1 s/= 3
    5: r1 = be32 r1
    6: r1 = *(u16 *)(r6 +8)
    7: *(u8 *)(r10 -1) = 0
    8: *(u64 *)(r10 -16) = r1
    9: r3 = 0x10000000000 ll
    11: r1 = map[events] ll
    13: r2 = map[state][0]+8 ll
    15: call bpf_ringbuf_output
    16: call kfunc#77
    17: call unknown#999
    18: lock *(u64 *)(r1 +8) += r2
    19: r2 = atomic_fetch_or((u32 *)(r1 +8), r2)
    20: r2 = atomic64_xchg((u64 *)(r1 +0), r2)
    21: r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)
    ; leave ?[31m
    22: if r1 s<= -1 goto end
    23: if w1 & w2 goto end
    end:
    24: exit`,
  );
});

test("disassemble() shows the rule text where it changes", () => {
  const file = { name: "a.sct", text: "when before\nuid == 0" };
  const a = new Assembler("p");
  a.at({ file, start: 0, end: 11 }).mov(R0, 0);
  a.at({ file, start: 12, end: 20 }).mov(R0, 1).at(undefined).exit();
  assert.equal(
    disassemble(a.assemble()),
    "p:\n  ; when before\n   0: r0 = 0\n  ; uid == 0\n   1: r0 = 1\n   2: exit\n",
  );
});
