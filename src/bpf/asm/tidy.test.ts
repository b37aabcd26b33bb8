import assert from "node:assert/strict";
import { test } from "node:test";
import { Assembler } from "./assembler.ts";
import { disassemble } from "./disassembler.ts";
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
