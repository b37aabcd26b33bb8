import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { disassemble } from "./disassembler.ts";
import { decode, encode, type Instruction } from "./instruction.ts";
import { OP_LD_IMM64 } from "./opcode.ts";

const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const fields = {
  dst: fc.integer({ min: 0, max: 15 }),
  src: fc.integer({ min: 0, max: 15 }),
  offset: fc.integer({ min: -0x8000, max: 0x7fff }),
  imm: int32,
};
const narrow = fc.record(
  {
    opcode: fc.integer({ min: 0, max: 255 }).filter((opcode) => opcode !== OP_LD_IMM64),
    ...fields,
  },
  { noNullPrototype: true },
);
const wide = fc.record(
  { opcode: fc.constant(OP_LD_IMM64), ...fields, high: int32 },
  { noNullPrototype: true },
);

test("decode() is the inverse of encode()", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(narrow, wide)), (instructions: Instruction[]) => {
      assert.deepEqual(decode(encode(instructions)), instructions);
    }),
  );
});

test("encode() is the inverse of decode() on any bytes, and all of them can be listed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const whole = bytes.subarray(0, bytes.length - (bytes.length % 8));
      assert.deepEqual(encode(decode(whole)), new Uint8Array(whole));
      disassemble({ insns: whole });
    }),
  );
});

test("decode() refuses half an instruction", () => {
  assert.throws(() => decode(new Uint8Array(12)), RangeError);
});
