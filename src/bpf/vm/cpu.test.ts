import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AluOp,
  Assembler,
  type JumpCondition,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R10,
} from "../asm/index.ts";
import { Branch } from "./cpu.ts";
import { VmKernel } from "./kernel.ts";
import { VmError } from "./memory.ts";

function run(build: (a: Assembler) => unknown, kernel = new VmKernel(), context = 0n): bigint {
  const a = new Assembler();
  build(a);
  return kernel.load(a.assemble()).run(context);
}

const u64 = fc
  .oneof(
    fc.bigInt(0n, (1n << 64n) - 1n),
    fc.constantFrom(0n, 1n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 32n, 1n << 63n, ~0n),
    fc.bigInt(0n, 70n),
  )
  .map((value) => BigInt.asUintN(64, value));

/** What the instruction set says of each operation, on numbers of `bits` bits. */
const ALU: Readonly<Record<AluOp, (a: bigint, b: bigint, bits: number) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? 0n : a / b),
  mod: (a, b) => (b === 0n ? a : a % b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  mov: (_, b) => b,
  lsh: (a, b, bits) => a << (b & BigInt(bits - 1)),
  rsh: (a, b, bits) => a >> (b & BigInt(bits - 1)),
  arsh: (a, b, bits) => BigInt.asIntN(bits, a) >> (b & BigInt(bits - 1)),
};

for (const op of Object.keys(ALU) as AluOp[])
  test(`run() computes ${op} in 64 and 32 bits as bigint does`, () => {
    fc.assert(
      fc.property(u64, u64, (left, right) => {
        const wide = run((a) => a.loadImm(R0, left).loadImm(R1, right).alu(op, R0, R1).exit());
        assert.equal(wide, BigInt.asUintN(64, ALU[op](left, right, 64)));
        const narrow = run((a) => a.loadImm(R0, left).loadImm(R1, right).alu32(op, R0, R1).exit());
        const [a, b] = [BigInt.asUintN(32, left), BigInt.asUintN(32, right)];
        assert.equal(narrow, BigInt.asUintN(32, ALU[op](a, b, 32)));
      }),
      { numRuns: 150 },
    );
  });

const CONDITIONS: Readonly<Record<JumpCondition, (a: bigint, b: bigint) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  set: (a, b) => (a & b) !== 0n,
  sgt: (a, b) => BigInt.asIntN(64, a) > BigInt.asIntN(64, b),
  sge: (a, b) => BigInt.asIntN(64, a) >= BigInt.asIntN(64, b),
  slt: (a, b) => BigInt.asIntN(64, a) < BigInt.asIntN(64, b),
  sle: (a, b) => BigInt.asIntN(64, a) <= BigInt.asIntN(64, b),
};

for (const condition of Object.keys(CONDITIONS) as JumpCondition[])
  test(`run() jumps on ${condition} as bigint compares`, () => {
    fc.assert(
      fc.property(u64, fc.oneof(u64, fc.constant(undefined)), (left, other) => {
        const right = other ?? left;
        const taken = run((a) =>
          a
            .loadImm(R1, left)
            .loadImm(R2, right)
            .mov(R0, 1)
            .jump(condition, R1, R2, "end")
            .mov(R0, 0)
            .label("end")
            .exit(),
        );
        assert.equal(taken, CONDITIONS[condition](left, right) ? 1n : 0n);
      }),
      { numRuns: 150 },
    );
  });

test("run() sign-extends immediates, and shifts by their low bits", () => {
  assert.equal(
    run((a) => a.mov(R0, -1).exit()),
    0xffffffffffffffffn,
  );
  assert.equal(
    run((a) => a.mov32(R0, -1).exit()),
    0xffffffffn,
  );
  assert.equal(
    run((a) => a.mov(R0, 1).lsh(R0, 63).alu("arsh", R0, 63).exit()),
    2n ** 64n - 1n,
  );
  assert.equal(
    run((a) => a.loadImm(R0, 0x1122334455667788n).toBigEndian(R0, 16).exit()),
    0x8877n,
  );
  assert.equal(
    run((a) => a.loadImm(R0, 0x1122334455667788n).neg(R0).exit()),
    0xeeddccbbaa998878n,
  );
});

for (const size of ["u8", "u16", "u32", "u64"] as const)
  test(`run() stores and loads ${size}`, () => {
    const value = 0xfedcba9876543210n;
    const bits = { u8: 8, u16: 16, u32: 32, u64: 64 }[size];
    const back = run((a) =>
      a.loadImm(R1, value).store(size, R10, -8, R1).load(size, R0, R10, -8).exit(),
    );
    assert.equal(back, BigInt.asUintN(bits, value));
    const immediate = run((a) => a.store(size, R10, -8, -2).load(size, R0, R10, -8).exit());
    assert.equal(immediate, BigInt.asUintN(bits, -2n));
  });

test("run() keeps r6 to r9 and the stack of the caller over a call, and takes r1 to r5 away", () => {
  const result = run((a) => {
    a.mov(R6, 5).store("u64", R10, -8, 7).mov(R1, 1).callFunction("inner").load("u64", R1, R10, -8);
    a.add(R0, R6).add(R0, R1).exit();
    a.function("inner").mov(R6, 100).store("u64", R10, -8, 100).mov(R0, R1).exit();
  });
  assert.equal(result, 1n + 5n + 7n);
  const lost = run((a) => a.mov(R1, 3).call("bpf_ktime_get_boot_ns").mov(R0, R1).exit());
  assert.notEqual(lost, 3n);
});

test("bpf_loop runs a callback until it gives 1", () => {
  const count = run((a) => {
    a.store("u64", R10, -8, 0).mov(R1, 10).loadFunction(R2, "step").mov(R3, R10).add(R3, -8);
    a.mov(R4, 0).call("bpf_loop").load("u64", R1, R10, -8);
    a.lsh(R0, 32).or(R0, R1).exit();
    a.function("step").load("u64", R3, R2, 0).add(R3, 1).store("u64", R2, 0, R3);
    a.mov(R0, 0).jump("lt", R3, 4, "more").mov(R0, 1).label("more").exit();
  });
  assert.equal(count, (4n << 32n) | 4n);
});

test("a load through a pointer that leads nowhere gives 0, as with type information in the kernel", () => {
  assert.equal(
    run((a) => a.mov(R1, 0).mov(R0, 9).load("u64", R0, R1, 64).exit()),
    0n,
  );
});

for (const [title, build] of [
  ["a store outside of all memory", (a) => a.mov(R1, 8).store("u64", R1, 0, 1).exit()],
  ["a load above the stack", (a) => a.load("u64", R0, R10, 0).exit()],
  ["a load below the stack", (a) => a.store("u64", R10, -520, 0).exit()],
  ["a loop without end", (a) => a.label("again").goto("again")],
  ["running on behind the end", (a) => a.mov(R0, 0)],
  ["an unknown helper", (a) => a.call("bpf_skb_store_bytes").exit()],
  ["recursion", (a) => a.callFunction("main").exit()],
  ["a map that is not there", (a) => a.loadMap(R1, "nothing").exit()],
] as const satisfies readonly (readonly [string, (a: Assembler) => unknown])[])
  test(`run() refuses ${title}`, () => {
    assert.throws(() => run(build), VmError);
  });

test("branches are noted when they are reached, in each direction once", () => {
  const a = new Assembler();
  // slot 0: r1 == 7?  slot 1: r1 > 9?
  a.jump("eq", R1, 7, "end").jump("gt", R1, 9, "end");
  a.mov(R1, 0).label("end").mov(R0, 0).exit();
  const cpu = new VmKernel().load(a.assemble());
  const after = (context: bigint) => {
    cpu.run(context);
    return [[...cpu.branches.subarray(0, 2)], cpu.branchCount];
  };
  const { passed, taken } = Branch;
  assert.deepEqual(after(7n), [[taken, 0], 1]);
  assert.deepEqual(after(7n), [[taken, 0], 1]);
  assert.deepEqual(after(8n), [[taken | passed, passed], 3]);
  assert.deepEqual(after(10n), [[taken | passed, passed | taken], 4]);
  assert.equal(
    cpu.branches.subarray(2).every((bits) => bits === 0),
    true,
  );
});
