import assert from "node:assert/strict";
import { test } from "node:test";
import { Assembler } from "./assembler.ts";
import { disassemble } from "./disassembler.ts";
import { decode } from "./instruction.ts";
import { R0, R1 } from "./register.ts";

const text = (a: Assembler): string[] =>
  disassemble(a.assemble({ tidy: true }))
    .toString()
    .split("\n");

test("tidy() removes what nothing leads to", () => {
  const a = new Assembler("p");
  a.mov(R0, 0).goto("end").mov(R0, 7).label("unused").mov(R0, 8).label("end").exit();
  assert.equal(a.assemble({ tidy: true }).insns.length, 2 * 8, text(a).join("\n"));
});

test("tidy() turns a jump over a goto around", () => {
  const a = new Assembler("p");
  a.mov(R0, 0).jump("eq", R1, 5, "yes").goto("no").label("yes").mov(R0, 1).label("no").exit();
  const insns = a.assemble({ tidy: true }).insns;
  assert.equal(insns.length, 4 * 8);
  // r1 != 5 goto +1
  assert.equal(insns[8], 0x55);
  assert.equal(insns[10], 1);
});

test("tidy() keeps loops and the second entry of a goto", () => {
  const a = new Assembler("p");
  a.mov(R0, 3).label("again").sub(R0, 1).jump("ne", R0, 0, "again").goto("end").label("end").exit();
  assert.equal(a.assemble({ tidy: true }).insns.length, 4 * 8);
  const b = new Assembler("p");
  b.mov(R0, 0).jump("eq", R1, 1, "leave").jump("eq", R1, 5, "yes").label("leave").goto("no");
  b.label("yes").mov(R0, 1).label("no").exit();
  assert.equal(b.assemble({ tidy: true }).insns.length, 6 * 8);
});

test("tidy() lets exits near the first one lead to the last of them", () => {
  const a = new Assembler("p");
  const far = 100;
  a.mov(R0, 1).jump("eq", R1, 1, "two").exit().label("two").mov(R0, 2);
  a.jump("eq", R1, 2, "three").exit();
  a.label("three");
  for (let i = 0; i < far; i++) a.add(R0, 1);
  a.jump("eq", R1, 3, "four").exit().label("four").mov(R0, 4).exit();
  const codes = decode(a.assemble({ tidy: true }).insns).map(({ opcode }) => opcode);
  const [exit, goto] = [0x95, 0x05];
  const places = (code: number): number[] => codes.flatMap((one, at) => (one === code ? [at] : []));
  assert.deepEqual(places(goto), [2]);
  assert.deepEqual(places(exit), [5, far + 7, far + 9]);
});
